"""Faults of the area SEARCH."""
