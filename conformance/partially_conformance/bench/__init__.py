"""Everything that the checks of a target use: the API, prepared customers, fresh data, the harness.

It also has the run folder and the clean-up of a run. This room may import `traffic`, `rules`, `target` and
`generation`. It contains no rule: the checks are in `suite`.
"""
