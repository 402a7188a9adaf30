"""Legal choices about removing."""
