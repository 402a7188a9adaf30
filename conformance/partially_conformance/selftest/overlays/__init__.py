"""Overlays: servers and clients that differ from those of this project in a few places.

An overlay of a server is a class of the reference server with a method or two replaced (`servers`). An
overlay of a client is a copy of the client with changed sources (`clients`). Faults and variants are
overlays. The room may import `target`, `clients` and the reference server; it knows no fault.
"""
