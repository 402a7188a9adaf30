"""Judging one request of a client by an OpenAPI document.

Knows nothing of where the request comes from. It may import `traffic`, `rules` and `target`.
"""
