"""Faults of the area AUTH."""
