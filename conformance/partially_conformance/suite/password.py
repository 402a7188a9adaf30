"""PASSWORD: logging in with a password."""
