"""What each command does, once `cli.py` has read its options: `build`, `check`, `diff` and `init`.

Apart from the errors that `cli.py` reports, only this room prints to the terminal, and only it writes files
that the user named. May import `reading`, `api`, `writing` and `diff`. Only `cli.py` imports it.
"""
