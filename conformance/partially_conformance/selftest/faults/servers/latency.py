"""What faults need that show only when requests overlap."""

from __future__ import annotations

LATENCY = 0.01
"""Seconds between two statements, as with a database across a network; in memory there are next to none."""
