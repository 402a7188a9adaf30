"""Faults of clients: secrets shown or sent to another host (CLIENT-13, CLIENT-15)."""

from __future__ import annotations

from partially_conformance.selftest.overlays.clients import Sources, client_fault

_FOLLOWING = """
class AsyncHttp(AsyncHttp):
    async def send(self, request):
        from urllib.parse import urljoin, urlsplit

        response = await super().send(request)
        for _ in range(3):
            target = response.headers.get("location", "")
            if not 300 <= response.status_code <= 399 or not target:
                break
            before, request = request, request.sending(url=urljoin(request.sent().url, target))
            one, other = urlsplit(before.sent().url), urlsplit(request.sent().url)
            request.origin = f"{{other.scheme}}://{{other.netloc}}"
            {stripped}
            response = await super().send(request)
        return response
"""

_STRIPPED = """
            if one.hostname != other.hostname:
                kept = [pair for pair in request.sent().headers if pair[0].lower() != "authorization"]
                request = request.sending(headers=tuple(kept))
""".strip()


@client_fault("CLIENT-13", says="The repr of the client shows the key.")
def repr_shows_the_key(sources: Sources) -> None:
    sources.change_both(
        "(base_url={self.base_url!r})",
        "(base_url={self.base_url!r}, api_key={self._settings.private.reveal().api_key!r})",
    )


@client_fault("CLIENT-13", says="The log shows the body of each request, including passwords.")
def log_shows_bodies(sources: Sources) -> None:
    sources.change_both(
        '"%s: sending %s", request.label, request.details',
        '"%s: sending %s", request.label, request.sent().body',
    )


@client_fault("CLIENT-13", says="The text of an error shows a secret that the response repeats.")
def errors_repeat_secrets(sources: Sources) -> None:
    sources.add("_core/observability/redaction.py", "def redact(text, secrets):\n    return text")


@client_fault("CLIENT-13", says="The error of a broken connection shows the headers of the request.")
def faults_show_headers(sources: Sources) -> None:
    sources.change_each(
        "_core/transport/failures.py",
        'message = f"{request.label}: {said} ({type(error).__name__})"',
        'message = f"{request.label}: {said} {request.sent().headers}"',
    )


@client_fault("CLIENT-15", says="The client follows redirects to any host and sends the key.")
def redirects_are_followed_with_the_key(sources: Sources) -> None:
    sources.add_to_both("transport/async_http", _FOLLOWING.format(stripped=""))


@client_fault(
    "CLIENT-15",
    says="The client follows a redirect to another port or scheme of the same host and sends the key.",
)
def other_ports_get_the_key(sources: Sources) -> None:
    sources.add_to_both("transport/async_http", _FOLLOWING.format(stripped=_STRIPPED))
