"""SEARCH: which customers a search finds."""
