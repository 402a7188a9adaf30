"""GDPR: removing customers, with and without payment plans."""
