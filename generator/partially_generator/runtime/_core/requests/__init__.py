"""From the arguments of a method to the bytes of a request.

May import `settings`, `observability`, `messages`, `values` and the errors.
"""
