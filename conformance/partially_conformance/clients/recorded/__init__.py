"""Running any client as a command, and judging what it sent.

The command talks to a reference server behind a proxy that records every byte (`proxy`) and can disturb
requests (`upsets`). It may import `clients.requests` and the rooms below `clients`; it never calls a client
itself.
"""
