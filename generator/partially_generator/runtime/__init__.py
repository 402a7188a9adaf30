"""The part of every client that does not depend on the API.

These files are copied into each client, with `SdkError` renamed to the error class of the configuration. Each
`async_*.py` also becomes its blocking twin `sync_*.py`. This file is not copied: a client has its own
`__init__.py`.
"""
