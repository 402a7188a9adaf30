"""Legal choices about searching."""
