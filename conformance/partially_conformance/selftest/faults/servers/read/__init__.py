"""Faults of READ."""
