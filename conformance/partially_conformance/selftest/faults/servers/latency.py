"""The latency that faults need that show only with requests at the same time."""

from __future__ import annotations

LATENCY = 0.01
"""Seconds that a fault waits between two statements, as with a database in a network."""
