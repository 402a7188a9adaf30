"""A server that behaves as the customers API is documented."""
