"""Faults that only certain values, orders of requests or histories bring to light."""
