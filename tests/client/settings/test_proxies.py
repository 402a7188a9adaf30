"""Which hosts `NO_PROXY` excludes: no key goes to a proxy that the user excluded."""

from __future__ import annotations

import pytest

import partially_client as pc
from partially_client._core.transport.proxy import proxy_for

PROXY = "http://127.0.0.1:3128"


@pytest.mark.parametrize(
    ("no_proxy", "origin"),
    [
        ("*", "https://a.test"),
        ("a.test", "https://a.test"),
        ("a.test", "https://b.a.test"),
        (".a.test", "https://b.a.test"),
        ("*.a.test", "https://b.a.test"),
        ("A.TEST", "https://a.test"),
        ("a.test", "https://A.test."),
        ("x.test,a.test", "https://a.test"),
        (" x.test , a.test ", "https://a.test"),
        ("x.test a.test", "https://a.test"),
        ("a.test:8443", "https://a.test:8443"),
        ("a.test:443", "https://a.test"),
        ("::1", "http://[::1]:8080"),
        ("[::1]", "http://[::1]:8080"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("0:0:0:0:0:0:0:1", "http://[::1]"),
        ("fe80::/10", "http://[fe80::1]"),
        ("10.0.0.0/8", "http://10.1.2.3"),
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_a_host_that_is_excluded(monkeypatch: pytest.MonkeyPatch, no_proxy: str, origin: str) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(name.lower(), PROXY)
    monkeypatch.setenv("no_proxy", no_proxy)
    assert proxy_for(origin) is None
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert proxy_for(origin) == PROXY, "the proxy itself is found"


@pytest.mark.parametrize(
    ("no_proxy", "origin"),
    [
        ("", "https://a.test"),
        ("b.test", "https://a.test"),
        ("a.test", "https://ba.test"),
        ("b.a.test", "https://a.test"),
        ("a.test:80", "https://a.test"),
        ("10.0.0.0/8", "http://11.0.0.1"),
        ("::2", "http://[::1]"),
        ("0.0.1", "http://10.0.0.1"),
    ],
)
def test_a_host_that_is_not_excluded(monkeypatch: pytest.MonkeyPatch, no_proxy: str, origin: str) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", PROXY)
    monkeypatch.setenv("https_proxy", PROXY)
    monkeypatch.setenv("no_proxy", no_proxy)
    assert proxy_for(origin) == PROXY


@pytest.mark.parametrize("kind", [pc.Partially, pc.AsyncPartially])
@pytest.mark.parametrize(
    "url", ["https://a.test ", " https://a.test", "https://a.\ttest", "https://a.test/\n", 7]
)
def test_an_address_with_blanks_is_refused_at_once(kind: type[pc.Partially], url: str) -> None:
    with pytest.raises(pc.ConfigurationError, match="base_url: expected an address such as"):
        kind("key", url)


def test_an_address_of_the_environment_is_stripped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTIALLY_BASE_URL", " https://a.test/v1\n")
    assert pc.Partially("key").base_url == "https://a.test/v1"
    monkeypatch.setenv("PARTIALLY_BASE_URL", "https://a.test/ v1")
    with pytest.raises(pc.ConfigurationError, match="without blanks"):
        pc.Partially("key")
