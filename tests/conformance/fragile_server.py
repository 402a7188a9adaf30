"""A reference server that many brackets in a body end, or hang: `fragile_server.py PORT KEY ends|hangs`."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import uvicorn

from partially_reference.app import create_app
from partially_reference.settings import Settings

DEADLY = b"[" * 1000


class Fragile:
    """The server, until it reads too many brackets."""

    def __init__(self, app: Any, *, hangs: bool) -> None:
        self._app = app
        self._hangs = hangs

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def reading() -> Any:
            message = await receive()
            if DEADLY in message.get("body", b""):
                print("fatal error: stack overflow", file=sys.stderr, flush=True)
                if not self._hangs:
                    os._exit(2)
                time.sleep(3600)
            return message

        await self._app(scope, reading, send)


if __name__ == "__main__":
    port, key, what = sys.argv[1:]
    app = create_app(Settings(api_keys=(key,), harness=True))
    uvicorn.run(Fragile(app, hangs=what == "hangs"), port=int(port), log_level="error")
