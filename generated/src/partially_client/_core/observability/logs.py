# Copied by partially-generate into every client. Edit it there, not here.
"""The logger of the client, and the environment variable that enables it.

Records contain operations, statuses, durations, and the names of arguments. They contain no value of an
argument and no part of a body, so they never show a key, a password, a token or personal data.
"""

from __future__ import annotations

import logging
import os

logger = logging.getLogger(__name__.partition(".")[0])

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
_FORMAT = "%(asctime)s %(name)s %(levelname)s %(message)s"


def set_up_logging(environment: str) -> None:
    """Log to stderr if the variable `<environment>_LOG` is set, unless logging is already configured.

    A level that does not exist is warned of: logging never stops a program.
    """
    variable = f"{environment}_LOG"
    wanted = os.environ.get(variable, "").strip().lower()
    if not wanted:
        return
    if wanted not in _LEVELS:
        logger.warning("%s: expected debug, info, warning or error, got %.40r", variable, wanted)
        return
    logger.setLevel(_LEVELS[wanted])
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter(_FORMAT))
        logger.addHandler(handler)
