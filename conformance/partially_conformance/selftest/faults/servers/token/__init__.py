"""Faults of the area TOKEN."""
