"""The part of every client that no API description changes.

These files are copied into the client as they lie here, with `SdkError` renamed to the error class of
the configuration. Each `async_*.py` also gives its blocking twin `sync_*.py`. This file stays behind:
a client has an `__init__` of its own.
"""
