"""The catalogue of rules and choices, the described API, and the results of a run.

`check` binds a function to its rule; `results` holds what a run found out. This room may import `traffic`. It
knows no target and sends nothing.
"""
