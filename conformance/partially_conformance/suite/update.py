"""UPDATE: what changes, and what stays."""
