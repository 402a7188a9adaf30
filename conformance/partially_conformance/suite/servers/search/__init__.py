"""SEARCH: which customers a query finds."""
