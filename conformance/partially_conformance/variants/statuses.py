"""Legal choices about statuses."""
