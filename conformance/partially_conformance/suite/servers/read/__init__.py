"""READ: reading a customer by its id, and a stateful test of any sequence of requests with a model."""
