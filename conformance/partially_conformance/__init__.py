"""Says whether a server or a client behaves as the customers API is documented."""
