"""Faults of GDPR."""
