# Copied by partially-generate into every client. Edit it there, not here.
"""The settings of a client, checked: keys, addresses, headers and timeouts.

May import `observability` and the errors.
"""
