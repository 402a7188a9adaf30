"""Servers and clients that differ from those of this project in a few places.

A server overlay is a class of the reference server with a method or two replaced (`servers`); a client
overlay is a changed copy of the sources of the client (`clients`). Faults and variants are made of them. It
may import `target`, `clients` and the reference server; it knows no fault.
"""
