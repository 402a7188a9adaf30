# Copied by partially-generate into every client. Edit it there, not here.
"""Pages of a list, and the walk over them. May import `requests` and `observability`."""
