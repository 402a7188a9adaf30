"""READ: one customer by its id."""
