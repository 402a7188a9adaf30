"""READ: one customer, by its id and after any sequence of requests (a stateful test with a model)."""
