"""The settings of a client, checked: keys, addresses, headers and timeouts.

May import `observability` and the errors.
"""
