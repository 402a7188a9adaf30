"""Faults of the area GDPR."""
