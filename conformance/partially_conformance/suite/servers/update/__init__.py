"""UPDATE: what an update changes, and what it leaves alone."""
