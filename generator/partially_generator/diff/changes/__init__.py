"""The kinds of changes (`rules.yaml`), the changes that were found, and the version they ask for.

May import `reading` of the generator; no other room of `diff`.
"""
