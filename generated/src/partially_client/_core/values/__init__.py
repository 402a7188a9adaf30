# Copied by partially-generate into every client. Edit it there, not here.
"""The base class of the models, and unions of them. Imports nothing else of the client."""
