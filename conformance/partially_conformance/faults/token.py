"""Faults of TOKEN."""
