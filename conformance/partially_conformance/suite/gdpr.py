"""GDPR: removing customers without plans."""
