"""Calling a generated client over a transport in memory, or over real connections to this machine.

A check says what the client is called with and what it is answered. It may import `clients.requests` and
`clients.values`, and the rooms below `clients`.
"""
