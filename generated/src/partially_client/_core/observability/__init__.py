# Copied by partially-generate into every client. Edit it there, not here.
"""What can be seen of calls: logs, hooks, and the secrets that are hidden in both.

May import `messages` and the errors.
"""
