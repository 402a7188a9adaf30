"""HTTP responses, and what is known of their requests. Imports nothing else of the client."""
