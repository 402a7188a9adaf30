"""Generated examples and generated requests.

Tries many examples with Hypothesis and keeps the smallest that fails (`examples`); lets Schemathesis
generate requests from the described API in a process of its own (`process`). It may import `traffic` and
`rules`. It judges nothing.
"""
