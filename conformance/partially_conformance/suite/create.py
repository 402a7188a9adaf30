"""CREATE: what is stored, and what is filled in."""
