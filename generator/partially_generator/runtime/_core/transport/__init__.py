"""Sends requests over HTTP, and owns the connections.

May import `requests`, `observability`, `messages` and the errors.
"""
