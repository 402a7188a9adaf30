"""The command `partially-reference`."""

from __future__ import annotations

import argparse
import ipaddress
import logging
import sys
from collections.abc import Sequence

from partially_reference.app import API_PATH, HARNESS_PATH, create_app
from partially_reference.serving import ServingError, address_of, listen, serve
from partially_reference.settings import (
    IN_MEMORY,
    Settings,
    SettingsError,
    database_url,
    mail_server,
    new_api_key,
)
from partially_reference.storage.database import DatabaseError

logger = logging.getLogger(__name__)

STOPPED, CANNOT_RUN = 0, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 after a clean stop, 2 if it cannot run."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=options.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    try:
        _serve(options)
    except (SettingsError, DatabaseError, ServingError) as error:
        print(f"partially-reference: {error}", file=sys.stderr)
        return CANNOT_RUN
    return STOPPED


def _serve(options: argparse.Namespace) -> None:
    settings = Settings(
        api_keys=tuple(options.api_key) or (new_api_key(),),
        database=database_url(options.database),
        mail_server=mail_server(options.smtp) if options.smtp else None,
        harness=options.harness,
    )
    with listen(options.host, options.port) as listener:
        app = create_app(settings)
        address = address_of(listener)
        if settings.harness and not _is_loopback(listener.getsockname()[0]):
            logger.warning(
                "the harness takes no authentication and other machines can reach it at %s", address
            )

        def announce() -> None:
            if not options.api_key:
                print(f"partially-reference: API key {settings.api_keys[0]}")
            harness = f" (harness {address}{HARNESS_PATH})" if settings.harness else ""
            print(f"partially-reference: serving {address}{API_PATH}{harness}", flush=True)

        serve(app, listener, announce)


def _is_loopback(host: str) -> bool:
    return ipaddress.ip_address(host.partition("%")[0]).is_loopback


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"expected a port, 0 to 65535, got {text!r}")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="partially-reference",
        description="A server that behaves as the Partial.ly customers API is documented.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser(
        "serve",
        help="serve the customers API until it is stopped",
        description=(
            "Serve the customers API at /api until SIGTERM or Ctrl-C. When the server accepts requests, it "
            "prints one line with its address on standard output."
        ),
        epilog=(
            "exit codes: 0 the server was stopped; 2 the usage is wrong, or the database or the address "
            "cannot be used. Example: partially-reference serve --port 0 --api-key demo --harness"
        ),
    )
    command.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    command.add_argument(
        "--port",
        type=_port,
        default=8080,
        help="port to listen on; 0 means any free port (default: %(default)s)",
    )
    command.add_argument(
        "--database",
        default=IN_MEMORY,
        metavar="URL",
        help=(
            "where customers are stored: sqlite:///PATH for a file, postgresql://USER@HOST/NAME, or "
            "sqlite:// for memory, which is forgotten when the server stops; missing tables are created "
            "(default: %(default)s)"
        ),
    )
    command.add_argument(
        "--api-key",
        action="append",
        default=[],
        metavar="KEY",
        help="an API key; each key is a merchant of its own; a new key creates a new merchant; repeat the "
        "option for several merchants; without it the server generates a key and prints it",
    )
    command.add_argument(
        "--harness",
        action="store_true",
        help="also serve the harness at /harness: a test-only API that sets passwords, creates payment "
        "plans, shows emails and moves the clock; it takes no authentication",
    )
    command.add_argument(
        "--smtp",
        metavar="smtp://HOST:PORT",
        help="the mail server that sends the login emails; without it no emails are sent",
    )
    command.add_argument(
        "--log-level",
        choices=["debug", "info", "warning", "error"],
        default="warning",
        help="the lowest level of messages to log on standard error (default: %(default)s)",
    )
    return parser
