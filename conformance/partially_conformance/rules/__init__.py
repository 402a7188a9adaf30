"""What is demanded: the catalogue of rules and choices, the described API, and what was found out.

A check names its rule here (`check`), and the results of a run have their form here (`results`). It may
import `traffic`. It knows no target and sends nothing.
"""
