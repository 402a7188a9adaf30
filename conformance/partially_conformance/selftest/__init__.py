"""The suite against itself: every fault must be caught, every variant must conform.

Faults and variants of the server are classes of the reference server with a method or two replaced; those
of the client are changed copies of its sources. It may import everything but `report` and `commands`, and
alone of all rooms the reference server.
"""
