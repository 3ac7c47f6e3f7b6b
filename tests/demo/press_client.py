"""A plain HTTP client for the tests of the press: one request, no redirects followed."""

import gzip
import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def text(self, charset: str = "utf-8") -> str:
        return self.body.decode(charset)


def ask(url: str, *, method: str = "GET", **headers: str) -> Answer:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, headers={"Accept-Encoding": "identity", **sent})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    received = {name.lower(): value for name, value in answer.getheaders()}
    if received.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    return Answer(answer.status, received, body)
