"""Telling a failure as the few requests that show it, and sending them again.

Chooses the exchanges that matter (`relevance`), replaces in their requests what is different each time (ids,
keys, mailed tokens) by variables (`variables`, `template`), and writes them as commands of a shell (`shell`,
`script`). `steps` has the same as data, for a program that sends the story again.
"""
