"""TOKEN: requesting login tokens by email, and logging in with them."""
