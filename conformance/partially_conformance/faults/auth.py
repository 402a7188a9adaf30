"""Faults of AUTH."""
