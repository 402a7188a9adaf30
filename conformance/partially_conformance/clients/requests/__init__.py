"""Validating one request of a client by an OpenAPI document.

It does not know where the request comes from. It may import `traffic`, `rules` and `target`.
"""
