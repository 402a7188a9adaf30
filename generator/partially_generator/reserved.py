"""Names that a client needs for itself, so that no class of a description can have them."""

from __future__ import annotations

from partially_generator.runtime import errors as runtime_errors

NEEDED_CLASSES = frozenset(
    {
        "Annotated",
        "Any",
        "Arguments",
        "AsyncBaseClient",
        "AsyncPage",
        "AsyncPager",
        "AsyncRequestHook",
        "AsyncResponseHook",
        "AsyncTransport",
        "CallOptions",
        "ClassVar",
        "Decimal",
        "File",
        "Headers",
        "Literal",
        "Mapping",
        "Meta",
        "Model",
        "Operation",
        "Paging",
        "Product",
        "RawResponse",
        "RequestInfo",
        "Response",
        "Sequence",
        "SyncBaseClient",
        "SyncPage",
        "SyncRequestHook",
        "SyncResponseHook",
        "SyncTransport",
        "Timeout",
        "TypeAlias",
        "UUID",
        "UnsetType",
    }
)
"""Names that generated modules use for themselves."""

RESERVED_CLASSES = NEEDED_CLASSES | frozenset(runtime_errors.__all__)
"""Names that no model can have."""
