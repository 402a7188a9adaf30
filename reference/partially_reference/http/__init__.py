"""HTTP: from a request to a response.

Routes, API keys, request bodies, validation, responses, and the operations of both APIs. This room reads
requests, calls `rules` and turns what comes back into responses. It decides nothing about customers.

It may import `rules`, `storage` and the modules beside this folder except `app`, `cli`, `serving` and
`settings`. Of `storage` only the operations of the harness call anything; the rest uses only its types.
"""
