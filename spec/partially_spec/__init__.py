"""The documents that this project is built from, and the functions that read them.

* ``openapi.yaml``: the customers API.
* ``harness.yaml``: the harness, a test-only API beside the target.
* ``rules.yaml``: the rules that the published text states and a schema cannot express.

This package imports no other package of the project.
"""

from partially_spec.documents import HARNESS, OPENAPI, RULES, Document, DocumentError, load, read_yaml

__all__ = ["HARNESS", "OPENAPI", "RULES", "Document", "DocumentError", "load", "read_yaml"]
