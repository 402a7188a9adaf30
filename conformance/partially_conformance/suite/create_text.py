"""CREATE: text of every kind is kept."""
