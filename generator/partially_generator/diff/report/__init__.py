"""Tells the result of a comparison: on the terminal, as Markdown and as JSON.

May import the other rooms of `diff`, and `writing.text` for Markdown. Nothing in `diff` imports it.
"""
