"""Variants: conforming servers and clients with other legal choices."""
