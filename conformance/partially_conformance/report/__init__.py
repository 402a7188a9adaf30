"""How results are shown: on the console, and in files.

It may import `traffic`, `rules` and `target`. It checks nothing itself.
"""
