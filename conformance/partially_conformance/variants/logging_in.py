"""Legal choices about logging in."""
