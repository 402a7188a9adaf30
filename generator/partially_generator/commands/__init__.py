"""What each command does, once `cli.py` has read its options: `build`, `check`, `diff` and `init`.

Only this room prints to the terminal and reads or writes files that the user named. May import every
other room. Only `cli.py` imports it.
"""
