"""Reading target files and the options about the target, and the messages about what is wrong in them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from partially_conformance.target.target import (
    DEFAULT_TIMEOUT,
    Listen,
    Live,
    Start,
    Target,
    TargetError,
    TargetOptions,
    from_options,
    is_loopback,
    load_target,
)

MINIMAL = 'base_url = "http://127.0.0.1:8080/api"\napi_key = "k1"\n'
LIVE = '[live]\nconfirm = true\nemail_domain = "mail.acme.test"\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "acme.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str, options: TargetOptions | None = None) -> str:
    with pytest.raises(TargetError) as caught:
        load_target(write(folder, text), options, environment={"EMPTY": ""})
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(str(folder) + "/", "")


def test_every_value_of_a_target_file_is_read(tmp_path: Path) -> None:
    text = """
        name = "acme"
        base_url = "env:BASE"
        api_key = "env:ACME_KEY"
        other_api_key = "plain-key"
        harness_url = "http://[::1]:8080/harness/"
        smtp_listen = "env:SMTP"
        rate = 50
        timeout = 2.5
        [start]
        command = ["node", "server.mjs"]
        env = { PORT = "8080" }
        [live]
        confirm = true
        email_domain = "mail.acme.test"
    """
    environment = {"ACME_KEY": "from-environment", "BASE": "https://api.acme.test/v1/", "SMTP": "[::1]:25"}
    target = load_target(write(tmp_path, text), environment=environment)
    assert target == Target(
        name="acme",
        base_url="https://api.acme.test/v1",
        api_key="from-environment",
        other_api_key="plain-key",
        harness_url="http://[::1]:8080/harness",
        smtp_listen=Listen("::1", 25),
        rate=50.0,
        timeout=2.5,
        start=Start(("node", "server.mjs"), {"PORT": "8080"}),
        live=Live(confirm=True, email_domain="mail.acme.test"),
    )
    assert target.email_domain == "mail.acme.test"


def test_a_key_that_a_target_file_leaves_out_has_a_default(tmp_path: Path) -> None:
    target = load_target(write(tmp_path, MINIMAL))
    assert target == Target("acme", "http://127.0.0.1:8080/api", "k1")
    assert (target.timeout, target.rate, target.email_domain) == (DEFAULT_TIMEOUT, None, "example.com")


def test_no_key_is_in_any_repr() -> None:
    start = Start(("serve", "--api-key", "secret-1"), {"KEY": "secret-2"})
    target = Target("acme", "http://localhost", "secret-3", "secret-4", start=start)
    options = TargetOptions(api_key="secret-5", other_api_key="secret-6")
    assert "secret" not in repr(target) + repr(start) + repr(options)
    assert "localhost" in repr(target)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            MINIMAL + 'api_kee = "x"',
            (
                "acme.toml: unknown key 'api_kee' (did you mean 'api_key'?); the keys are name, base_url,"
                " api_key, other_api_key, harness_url, smtp_listen, rate, timeout, start, live, run"
            ),
        ),
        (
            MINIMAL + '[live]\nconfirmed = true\nemail_domain = "a.test"',
            (
                "acme.toml: unknown key 'confirmed' in [live] (did you mean 'confirm'?);"
                " the keys are confirm, email_domain"
            ),
        ),
        ('api_key = "k"', "acme.toml: base_url is missing"),
        ('base_url = "http://localhost"', "acme.toml: api_key is missing"),
        (MINIMAL + "[live]\nconfirm = true", "acme.toml: email_domain is missing in [live]"),
        (MINIMAL + "[start]", "acme.toml: command is missing in [start]"),
        (MINIMAL + "name = 7", "acme.toml: name: expected a string, got an integer (7)"),
        (MINIMAL + 'start = "node"', "acme.toml: start: expected a table, got a string"),
        (MINIMAL + "live = true", "acme.toml: live: expected a table, got a boolean (true)"),
        (
            MINIMAL + "other_api_key = 12345",
            "acme.toml: other_api_key: expected a string, got an integer",
        ),
        (
            MINIMAL + '[start]\ncommand = "node server.mjs"',
            "acme.toml: [start].command: expected an array of strings, got a string",
        ),
        (
            MINIMAL + '[start]\ncommand = ["node", 1]',
            "acme.toml: [start].command[1]: expected a string, got an integer",
        ),
        (
            MINIMAL + "[start]\ncommand = []",
            "acme.toml: [start].command: expected a program and its arguments, got an empty array",
        ),
        (
            MINIMAL + '[start]\ncommand = ["", "--key", "secret"]',
            (
                "acme.toml: [start].command: expected a program and its arguments,"
                " got an empty name of a program"
            ),
        ),
        (
            MINIMAL + '[start]\ncommand = ["node"]\nenv = { "A=B" = "secret" }',
            "acme.toml: [start].env: expected the name of a variable, without '=' and NUL, got 'A=B'",
        ),
        (
            MINIMAL + '[start]\ncommand = ["node"]\nenv = { A = "secret\\u0000" }',
            "acme.toml: [start].env.A: expected a string without NUL, got one with NUL",
        ),
        (
            MINIMAL + '[start]\ncommand = ["node"]\nenv = { PORT = 8080 }',
            "acme.toml: [start].env.PORT: expected a string, got an integer",
        ),
        *(
            (
                MINIMAL + f'smtp_listen = "{value}"',
                f"acme.toml: smtp_listen: expected {wanted}, got '{value}'",
            )
            for value, wanted in (
                ("2525", "HOST:PORT such as 127.0.0.1:2525"),
                (":2525", "HOST:PORT such as 127.0.0.1:2525"),
                ("::1:2525", "HOST:PORT such as 127.0.0.1:2525"),
                ("smtp://localhost:25", "HOST:PORT such as 127.0.0.1:2525"),
                ("localhost:0", "a port from 1 to 65535, to which the target can send"),
                ("localhost:65536", "a port from 1 to 65535, to which the target can send"),
            )
        ),
        (MINIMAL + "rate = 0", "acme.toml: rate: expected a number above 0, got 0"),
        (MINIMAL + "rate = true", "acme.toml: rate: expected a number above 0, got a boolean (true)"),
        (MINIMAL + "timeout = -1.5", "acme.toml: timeout: expected a number above 0, got -1.5"),
        (MINIMAL + "timeout = nan", "acme.toml: timeout: expected a number above 0, got nan"),
        (MINIMAL + "timeout = inf", "acme.toml: timeout: expected a number above 0, got inf"),
        (
            MINIMAL + '[live]\nconfirm = "yes"\nemail_domain = "a.test"',
            "acme.toml: [live].confirm: expected a boolean, got a string ('yes')",
        ),
        (
            MINIMAL + '[live]\nconfirm = true\nemail_domain = "acme"',
            "acme.toml: [live].email_domain: expected a domain such as example.com, got 'acme'",
        ),
        (
            MINIMAL + 'other_api_key = "k1"',
            "acme.toml: other_api_key: expected the key of another merchant, got the key of api_key again",
        ),
        (
            MINIMAL + 'other_api_key = "env:NOWHERE"',
            "acme.toml: other_api_key: the environment variable NOWHERE is not set",
        ),
        (
            MINIMAL + 'other_api_key = "env:EMPTY"',
            "acme.toml: other_api_key: the environment variable EMPTY is empty",
        ),
        (
            MINIMAL + 'other_api_key = "env:EMPTI"',
            ("acme.toml: other_api_key: the environment variable EMPTI is not set (did you mean 'EMPTY'?)"),
        ),
        ("rate = = 1", "acme.toml: not TOML: Invalid value (at line 1, column 8)"),
    ],
)
def test_a_wrong_target_file_is_described_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(tmp_path, text) == message


@pytest.mark.parametrize("key", ["", "with blank", "tab\there", "ключ", "line\nbreak"])
def test_a_key_that_no_header_can_contain_is_refused_and_not_shown(tmp_path: Path, key: str) -> None:
    message = refusal(tmp_path, 'base_url = "http://localhost"\napi_key = "k"', TargetOptions(api_key=key))
    assert message.startswith("--api-key: expected")
    assert not key or key not in message


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8080/api",
        "ftp://127.0.0.1/api",
        "http://",
        "http:///api",
        "http://:8080/api",
        "http://127.0.0.1:99999/api",
        "http://127.0.0.1:0/api",
        "http://127.0.0.1:/api",
        "http://127.0.0.1/api?x=1",
        "http://127.0.0.1/api?",
        "http://127.0.0.1/api#part",
        "http://user:pw@127.0.0.1/api",
        "http://127.0.0.1\\@evil.test/api",
        "http://127.0.0.1/a b",
        "http://127.0.0.1\n.evil.test/",
        "http://[::1/api",
        "http://%31%32%37.0.0.1/",
        "http://bücher.test/",
    ],
)
def test_an_invalid_base_url_is_refused(tmp_path: Path, url: str) -> None:
    text = f'api_key = "k"\nbase_url = "http://localhost"\n{LIVE}'
    assert refusal(tmp_path, text, TargetOptions(base_url=url)).startswith(
        "--base-url: expected a URL such as"
    )


def test_a_password_in_a_url_is_not_shown(tmp_path: Path) -> None:
    assert "hidden" not in refusal(tmp_path, 'api_key = "k"\nbase_url = "http://me:hidden@localhost"')


@pytest.mark.parametrize(
    "url",
    [
        "http://api.acme.test/",
        "http://10.0.0.1/",
        "http://0.0.0.0:80/",
        "http://127.0.0.1.nip.io/",
        "http://localhost.acme.test/",
        "http://127.1/",
        "http://[2001:db8::1]/",
    ],
)
@pytest.mark.parametrize("key", ["base_url", "harness_url"])
def test_a_target_on_another_machine_needs_consent(tmp_path: Path, url: str, key: str) -> None:
    urls = {"base_url": "http://localhost/"} | {key: url}
    text = 'api_key = "k"\n' + "".join(f'{name} = "{value}"\n' for name, value in urls.items())
    assert "is not a loopback address" in refusal(tmp_path, text)
    assert "is not a loopback address" in refusal(tmp_path, text + LIVE.replace("true", "false"))
    target = load_target(write(tmp_path, text + LIVE))
    assert getattr(target, key) == url.rstrip("/")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.200.3.4", "[::1]", "localhost", "LocalHost"])
def test_this_machine_needs_no_consent(host: str) -> None:
    assert is_loopback(f"http://{host}:81/api")


def test_options_replace_values_of_the_file_even_wrong_ones(tmp_path: Path) -> None:
    text = 'base_url = "http://elsewhere.test"\napi_key = "env:NOWHERE"\nrate = 5'
    options = TargetOptions(base_url="http://127.0.0.1:1/", api_key="env:HERE", harness_url="http://[::1]:2")
    target = load_target(write(tmp_path, text), options, environment={"HERE": "k"})
    assert target == Target("acme", "http://127.0.0.1:1", "k", harness_url="http://[::1]:2", rate=5.0)


def test_options_alone_make_a_target() -> None:
    options = TargetOptions(base_url="http://127.0.0.1:8080/api/", api_key="k", other_api_key="l")
    assert from_options(options) == Target("127.0.0.1:8080", "http://127.0.0.1:8080/api", "k", "l")
    assert from_options(TargetOptions()) is None


@pytest.mark.parametrize("given", [field.name for field in dataclasses.fields(TargetOptions)])
def test_options_without_base_url_or_key_are_refused(given: str) -> None:
    with pytest.raises(TargetError, match=r"without a target file also needs --(base-url|api-key)"):
        from_options(TargetOptions(**{given: "http://localhost"}))


def test_options_alone_cannot_consent_to_a_target_on_another_machine() -> None:
    with pytest.raises(TargetError, match=r"api\.acme\.test is not a loopback address"):
        from_options(TargetOptions(base_url="https://api.acme.test", api_key="k"))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="cannot be read: No such file"):
        load_target(tmp_path / "none.toml")
    (tmp_path / "latin1.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(TargetError, match="not UTF-8: byte 9 cannot be decoded"):
        load_target(tmp_path / "latin1.toml")


def test_a_file_from_another_system_is_read(tmp_path: Path) -> None:
    path = tmp_path / "acme.toml"
    path.write_bytes(b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode())
    assert load_target(path).api_key == "k1"
