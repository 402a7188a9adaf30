"""The database: tables, transactions and queries, on SQLite and on PostgreSQL.

Each method of a store is one query. This room decides nothing: which query is sent is for `rules`.

It may import `contract`, which names the columns. It must not import `http` or `rules`, nor any other
module beside this folder.
"""
