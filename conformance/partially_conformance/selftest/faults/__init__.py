"""Faults: deliberately broken servers and clients, each with the rules that must catch it."""
