"""Faults of CREATE."""
