# Copied by partially-generate into every client. Edit it there, not here.
"""The proxy for an address, from the environment."""

from __future__ import annotations

import re
from urllib.parse import urlsplit
from urllib.request import getproxies, getproxies_environment, proxy_bypass

_PORTS = {"http": 80, "https": 443}


def proxy_for(origin: str) -> str | None:
    """The proxy from `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY`, unless `NO_PROXY` contains the host."""
    parts = urlsplit(origin)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy:
        return None
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    if is_excluded(host, port, proxies.get("no", "")):
        return None
    if not getproxies_environment() and proxy_bypass(parts.netloc):
        return None  # by the settings of the system, where it has some
    return proxy if "://" in proxy else f"http://{proxy}"


def is_excluded(host: str, port: int, no_proxy: str) -> bool:
    """Whether a `NO_PROXY` contains a host.

    Its entries are separated by commas or blanks. Each is `*`, a host, a domain with all below it, an IP
    address, or a network such as 10.0.0.0/8. A host, a domain or an address may end with a port.
    """
    entries = re.split(r"[,\s]+", no_proxy.strip().lower())
    host = host.lower().partition("%")[0].rstrip(".")
    return any(_contains(entry, host, port) for entry in entries if entry)


def _contains(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    entry, wanted = _split(entry)
    if wanted is not None and wanted != port:
        return False
    if ":" in host or host.replace(".", "").isdigit():
        return _is_in_network(host, entry)
    entry = entry.removeprefix("*").strip(".")
    return bool(entry) and (host == entry or host.endswith(f".{entry}"))


def _split(entry: str) -> tuple[str, int | None]:
    """An entry without its port, and the port."""
    if found := re.fullmatch(r"\[(.+)\](?::(\d+))?", entry):
        return found[1], int(found[2]) if found[2] else None
    if found := re.fullmatch(r"([^:]+):(\d+)", entry):
        return found[1], int(found[2])
    return entry, None


def _is_in_network(host: str, entry: str) -> bool:
    import ipaddress  # noqa: PLC0415 - rarely needed, and slow to import

    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False
