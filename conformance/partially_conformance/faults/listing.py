"""Faults of LISTING."""
