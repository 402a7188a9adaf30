"""Checking clients: calling them, recording what they send, and checking it.

Has four rooms: `requests` validates one request, `values` generates and compares values, `calling` calls a
generated client in memory, `recorded` runs any client as a command behind a recording proxy. It may import
all rooms that a target needs. Checks that call a client are not here: they are in `suite.clients`.
"""
