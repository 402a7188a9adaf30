"""Compares two documents, from the whole down to a single value, and notes each change.

`documents.py` is the entry. May import `diff.reading`, `diff.changes`, and from `api` what HTTP means.
Knows nothing of reports or of clients.
"""
