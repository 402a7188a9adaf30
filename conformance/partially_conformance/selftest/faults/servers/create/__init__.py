"""Faults of the area CREATE; some also break rules of UPDATE."""
