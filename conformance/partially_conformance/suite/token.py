"""TOKEN: logging in with an emailed token."""
