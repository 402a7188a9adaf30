"""The behaviour that the API documents: customers, search, paging, removal, logins and their limits.

Each promise of the documentation is one small method here. This room knows nothing of HTTP: it takes
plain values, returns plain values, and raises a `Refusal` when it says no.

It may import `storage` and `clock`, `contract`, `mail` and `text`. It must not import `http`, nor
`app`, `cli`, `serving` or `settings`.
"""
