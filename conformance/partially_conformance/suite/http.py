"""HTTP: what surrounds the operations."""
