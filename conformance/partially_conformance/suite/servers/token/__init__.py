"""TOKEN: emailed login tokens."""
