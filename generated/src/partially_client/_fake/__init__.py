# Copied by partially-generate into every client. Edit it there, not here.
"""The fake of the API that `testing` offers. Nothing else in the package imports it."""
