"""Turns an OpenAPI document into a typed Python client.

The rooms import each other in one direction only: `reading` <- `api` <- `writing` <- `diff` <- `commands`
<- `cli`. Beside them lies `runtime`: hand-written code that is copied into each client. It imports none
of the others.
"""
