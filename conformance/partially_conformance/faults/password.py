"""Faults of PASSWORD."""
