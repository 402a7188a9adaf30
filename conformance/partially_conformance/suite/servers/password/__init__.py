"""PASSWORD: logging in with email and password."""
