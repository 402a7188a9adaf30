"""Variants: conforming servers and clients that made other legal choices."""
