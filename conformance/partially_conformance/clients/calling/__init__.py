"""Calling a generated client over a transport in memory, or over real connections to this machine.

A check chooses the arguments of each call and the responses to it. It may import `clients.requests` and
`clients.values`, and the rooms below `clients`.
"""
