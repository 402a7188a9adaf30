"""GDPR: removing customers with plans."""
