"""Faults of the area LIST."""
