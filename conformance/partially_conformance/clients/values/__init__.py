"""Values for the calls of a client, and for the responses it gets.

Reads an OpenAPI document (`description`), generates values that its schemas allow or forbid, and compares
what a client gave back with what it was sent. It sends nothing. Of this package it imports no room at all.
"""
