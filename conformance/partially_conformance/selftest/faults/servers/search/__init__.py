"""Faults of SEARCH."""
