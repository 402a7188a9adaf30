"""Checking clients: what they send, by the document and by the rules about clients."""
