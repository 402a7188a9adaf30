"""Compares two OpenAPI documents and tells what changed, and for whom each change breaks.

`difference.py` joins the rooms: `reading` reads the two documents, `comparing` compares them, `changes`
holds the kinds of changes and those found, and `client` compares the two generated clients. `report`
tells the result. May import `reading`, `api` and `writing` of the generator, not `commands`.
"""
