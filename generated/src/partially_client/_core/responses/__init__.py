# Copied by partially-generate into every client. Edit it there, not here.
"""From a response to a value or an error.

May import `requests`, `observability`, `messages`, `values` and the errors.
"""
