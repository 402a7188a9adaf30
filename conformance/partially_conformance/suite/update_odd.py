"""UPDATE: odd requests and requests at the same time."""
