"""The commands: each module adds its own parser and does the work of one command.

It may import everything. What a command does stands in the other rooms; here are options, help and messages.
"""
