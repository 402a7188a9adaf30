"""Legal choices about storing."""
