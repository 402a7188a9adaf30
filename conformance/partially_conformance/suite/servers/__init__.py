"""The checks of targets: one folder for each area of the catalogue.

A check is a function with `@check`. It takes what it needs from the bench by the names of its parameters.
It may import every room below `suite`, and `shared`; no area imports another.
"""
