"""HTTP: routes, keys, bodies, and answers."""
