# Copied by partially-generate into every client. Edit it there, not here.
"""How the client works inside. Nothing here is public; names and shapes may change at any time."""
