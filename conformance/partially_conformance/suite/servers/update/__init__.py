"""UPDATE: what an update changes, and what it must not change."""
