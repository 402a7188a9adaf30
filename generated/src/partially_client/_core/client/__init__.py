# Copied by partially-generate into every client. Edit it there, not here.
"""The base classes of the clients: they send a request, and repeat it where that is safe.

May import everything else in `_core`.
"""
