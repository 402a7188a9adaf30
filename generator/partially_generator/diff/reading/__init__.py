"""Reads the two documents for the comparison: their parts, operations and schemas, however they are written.

May import `reading` of the generator. Knows nothing of changes.
"""
