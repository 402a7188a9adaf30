"""GDPR: removing customers."""
