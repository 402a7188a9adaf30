# Copied by partially-generate into every client. Edit it there, not here.
"""Sends requests over HTTP, and owns the connections.

May import `requests`, `observability`, `messages` and the errors.
"""
