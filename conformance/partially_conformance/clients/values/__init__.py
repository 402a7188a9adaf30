"""Values for the calls of a client, and for the responses it gets.

Reads an OpenAPI document (`description`), generates values that its schemas allow or forbid, and compares
what a client returned with what it was sent. It sends nothing. It imports no other room of this package.
"""
