# Copied by partially-generate into every client. Edit it there, not here.
"""HTTP responses, and what is known of their requests. Imports nothing else of the client."""
