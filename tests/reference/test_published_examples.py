"""The curl commands of the published documentation, exactly as printed."""

import http.client
import json
import shlex
import shutil
import subprocess
from urllib.parse import urlsplit

import pytest

from partially_reference.contract import OUTPUT_FIELDS

SHOWN = set(OUTPUT_FIELDS)
EXAMPLES = {
    "list": 'curl "https://partial.ly/api/customer" -H "Authorization: Bearer your_api_key"',
    "get": 'curl "https://partial.ly/api/customer/{id}" -H "Authorization: Bearer your_api_key"',
    "create": """curl "https://partial.ly/api/customer" \\
      -X POST \\
      -H "Authorization: Bearer your_api_key" \\
      --data '{"email": "testing@aol.com", "first_name": "John", "last_name": "Doe"}'""",
    "update": """curl "https://partial.ly/api/customer/{id}" \\
      -X PUT \\
      -H "Authorization: Bearer your_api_key" \\
      --data '{"phone": "+12125551212"}'""",
    "remove": """curl "https://partial.ly/api/customer/gdpr_remove/{id}" \\
      -X PUT \\
      -H "Authorization: Bearer your_api_key\"""",
    "password": """curl "https://partial.ly/api/customer/login_password" \\
      -X POST \\
      -H "Authorization: Bearer your_api_key" \\
      --data '{"email": "aaa@y.co", "password": "test"}'""",
    "email": """curl "https://partial.ly/api/customer/login_email" \\
      -X POST \\
      -H "Authorization: Bearer your_api_key" \\
      --data '{"email": "aaa@y.co"}'""",
    "token": """curl "https://partial.ly/api/customer/login_token" \\
      -X POST \\
      -H "Authorization: Bearer your_api_key" \\
      --data '{"token": "N5E9gL"}'""",
}


def with_curl(words):
    answer = subprocess.run(
        [*words, "-s", "-w", "\n%{http_code}"], capture_output=True, check=True, timeout=30
    )
    body, _, status = answer.stdout.decode().rpartition("\n")
    return int(status), json.loads(body)


def byte_for_byte(words):
    """Send what curl sends for these words."""
    arguments = iter(words[2:])
    method, headers, body = None, {"Accept": "*/*"}, None
    for option in arguments:
        value = next(arguments)
        match option:
            case "-X":
                method = value
            case "-H":
                headers.update([value.split(": ", 1)])
            case "--data":
                body = value.encode()
                headers["Content-Type"] = "application/x-www-form-urlencoded"
    url = urlsplit(words[1])
    connection = http.client.HTTPConnection(url.netloc, timeout=30)
    try:
        connection.request(method or "GET", url.path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.fixture(params=[with_curl, byte_for_byte] if shutil.which("curl") else [byte_for_byte])
def run(request, shop):
    def run(name, **replaced):
        command = EXAMPLES[name].replace("https://partial.ly", shop.address).replace("your_api_key", shop.key)
        for old, new in replaced.items():
            command = command.replace(f"{{{old}}}", new).replace(old, new)
        return request.param(shlex.split(command.replace("\\\n", " ")))

    return run


def test_every_published_command_gets_the_published_answer(shop, run):
    status, created = run("create")
    assert status == 200
    published = {"email": "testing@aol.com", "first_name": "John", "last_name": "Doe", "phone": None}
    defaults = {"timezone": "America/New_York", "shipto_country": "US", "shipto_city": None}
    assert set(created) == SHOWN
    assert created == {**created, **published, **defaults}

    assert run("get", id=created["id"]) == (200, created)
    assert run("update", id=created["id"]) == (200, {**created, "phone": "+12125551212"})
    status, page = run("list")
    assert (status, page.pop("customers")) == (200, [{**created, "phone": "+12125551212"}])
    assert page == {"page_number": 1, "page_size": 10, "total_entries": 1, "total_pages": 1}

    person = shop.create(email="aaa@y.co", first_name="Testing", last_name="Person")
    shop.set_password(person["id"], "test")
    assert run("password") == (200, person)
    assert run("email") == (200, {"message": "Token sent"})
    mailed = shop.mailed_token("aaa@y.co")
    assert run("token", N5E9gL=mailed) == (200, person)

    assert run("remove", id=created["id"]) == (200, {"message": "Customer account deleted"})
    assert run("get", id=created["id"])[0] == 404
