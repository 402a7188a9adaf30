"""Compares the signatures of the clients that the two documents give.

May import `reading`, `api` and `writing` of the generator; no other room of `diff`.
"""
