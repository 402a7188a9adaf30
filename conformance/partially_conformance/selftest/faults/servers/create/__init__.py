"""Faults of CREATE and some of UPDATE."""
