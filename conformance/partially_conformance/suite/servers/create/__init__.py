"""CREATE: what a create stores, and what it must refuse."""
