"""The checks of clients: CLIENT.

A check takes `client` and `fuzz`. It may import every room below `suite`.
"""
