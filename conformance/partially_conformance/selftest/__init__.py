"""The self-test of the suite: every fault must be caught, every variant must conform.

Faults and variants of servers are classes of the reference server with a method or two replaced. Faults and
variants of clients are copies of the client of this project with changed sources. The room may import
everything but `report` and `commands`. No other room may import the reference server.
"""
