"""Faults of the area HTTP."""
