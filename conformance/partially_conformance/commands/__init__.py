"""The commands: each module adds the parser of one command and executes it.

It may import everything. The work itself is done in the other rooms; here are options, help and messages.
"""
