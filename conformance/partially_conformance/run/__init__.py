"""A run: open the gate, run the checks, clean up, decide.

What is examined is a subject (`subject`): a target or a client. The rest of a run does not know which. It
may import every room above it in the table; it shows nothing itself.
"""
