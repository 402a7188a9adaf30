"""Generated examples and generated requests.

Tries many examples with Hypothesis and reports the smallest that fails (`fuzz`). Lets Schemathesis generate
requests from the described API in a separate process (`requests`, `process`). This room may import `traffic`
and `rules`. It does not decide which responses are right.
"""
