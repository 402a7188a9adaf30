"""Pages of a list, and the walk over them. May import `requests` and `observability`."""
