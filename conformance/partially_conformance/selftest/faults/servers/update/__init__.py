"""Faults of the area UPDATE."""
