"""CLIENT: the checks of clients.

A check takes `client` and `fuzz`. It may import every room below `suite`.
"""
