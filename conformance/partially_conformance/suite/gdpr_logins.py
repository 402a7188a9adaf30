"""GDPR: removed customers do not log in."""
