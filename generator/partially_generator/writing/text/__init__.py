"""Text from a document as Python source or as Markdown, escaped.

Every text that comes from outside passes through here before it is written. May import `api.ir`; nothing
else.
"""
