"""The generator's own picture of an API: operations, types, keys and paging, with their names in Python.

`reader.py` builds it from a document, and `ir.py` holds its classes. What a client cannot express is an
error here. May import `reading`, and the names of the errors in `runtime`. Knows nothing of templates or
files.
"""
