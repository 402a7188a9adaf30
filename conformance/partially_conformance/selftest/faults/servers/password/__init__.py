"""Faults of the area PASSWORD."""
