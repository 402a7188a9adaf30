"""Everything that the checks of a target use: the API, prepared customers, fresh data, the harness.

Also what a run keeps and removes again: the run folder and the clean-up. It may import `traffic`, `rules`,
`target` and `generation`. It holds no rule: what is demanded stands in `suite`.
"""
