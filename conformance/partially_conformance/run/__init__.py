"""A run: pass the gate, run the checks, clean up, decide on the verdict.

A run examines a subject (`subject`): a target or a client. Only `target_subject` and `client_subject` know
which. It may import every room above it in the table. It prints nothing.
"""
