"""Checking clients: calling them, recording what they send, and judging it.

Has four rooms: `requests` judges one request, `values` generates and compares values, `calling` calls a
generated client in memory, `recorded` runs any client as a command behind a recording proxy. It may import
all rooms that a target needs. It holds no rule that needs calls: those stand in `suite.clients`.
"""
