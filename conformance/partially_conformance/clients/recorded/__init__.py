"""Running any client as a command, and checking what it sent.

The command talks to a reference server behind a proxy that records every byte (`proxy`) and can disturb
requests (`upsets`); `traffic_checks` checks the recorded requests. It may import `clients.requests` and the
rooms below `clients`. It never calls a client itself.
"""
