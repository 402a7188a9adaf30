"""Faults of LIST."""
