"""PASSWORD: the login with email and password."""
