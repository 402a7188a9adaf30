"""Faults of the area READ."""
