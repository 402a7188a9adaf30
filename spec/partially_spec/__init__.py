"""The documents this project is built from, and the one way to read them.

* ``openapi.yaml``: the customers API.
* ``harness.yaml``: the test-only side API of an implementation under test.
* ``rules.yaml``: the behaviour the text promises and a schema cannot say.
"""

from partially_spec.documents import HARNESS, OPENAPI, RULES, Document, DocumentError, load, read_yaml

__all__ = ["HARNESS", "OPENAPI", "RULES", "Document", "DocumentError", "load", "read_yaml"]
