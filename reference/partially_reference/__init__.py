"""The reference server: a server that behaves as the customers API is documented.

The rooms import each other in one direction only::

    cli → app → http → rules → storage

* ``http``: from a request to a response.
* ``rules``: the documented behaviour, without HTTP.
* ``storage``: the database.

The modules beside them: every room may use ``contract``; ``rules``, ``http`` and ``app`` may also use
``clock``, ``text`` and ``mail``; only ``app`` and ``cli`` use ``settings`` and ``serving``.
"""
