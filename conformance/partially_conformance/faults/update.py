"""Faults of UPDATE."""
