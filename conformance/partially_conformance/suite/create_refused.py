"""CREATE: what is refused, and what does no harm."""
