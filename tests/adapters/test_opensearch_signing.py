"""Requests to Amazon's OpenSearch are signed: a stand-in, marked as such, checks each signature.

It computes signatures with botocore, which the package does not use. It is no evidence that
Amazon's service works.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from promptuary.adapters.indexes._lucene.addresses import Address
from promptuary.adapters.indexes._lucene.wire import Engine
from promptuary.domain.errors import Misconfigured

KEY, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG", "eu-west-1"


class FakeAmazonOpenSearch(BaseHTTPRequestHandler):
    """Lets in what is signed for the service `es`, and echoes it."""

    service = "es"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        status, told = (
            (200, {"method": self.command}) if self.lets_in(body) else (403, {"error": "no"})
        )
        reply = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    do_GET = do_PUT = do_POST  # noqa: N815 - what the standard library calls them

    def lets_in(self, body: bytes) -> bool:
        said = self.headers.get("authorization", "")
        names = said.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        if not {"host", "x-amz-date", "x-amz-content-sha256"} <= {*names}:
            return False
        headers = {name: self.headers[name] for name in names if name != "x-amz-date"}
        url = f"http://{self.headers['host']}{self.path}"
        asked = AWSRequest(self.command, url, headers=headers, data=body)
        signer = SigV4Auth(Credentials(KEY, SECRET), self.service, REGION)
        asked.context["timestamp"] = self.headers["x-amz-date"]
        asked.headers["X-Amz-Date"] = self.headers["x-amz-date"]
        canonical = signer.canonical_request(asked)
        signature = signer.signature(signer.string_to_sign(asked, canonical), asked)
        return said.endswith(f"Signature={signature}")

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture(scope="module")
def fake() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeAmazonOpenSearch)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/", None),
        ("PUT", "/prompts-000001", {"settings": {}}),
        ("POST", "/prompts/_mget?_source=kept,vector", {"ids": ["größe"]}),
        ("POST", "/prompts/_update/promptuary-state?retry_on_conflict=20", {"doc": {}}),
    ],
)
async def test_every_request_is_signed_so_that_amazon_lets_it_in(
    fake: str, method: str, path: str, body: dict[str, Any] | None
) -> None:
    engine = Engine(Address(fake, "prompts", service="es", region=REGION))
    assert await engine.ask(method, path, body) == {"method": method}
    await engine.aclose()


@pytest.mark.anyio
async def test_a_signature_for_another_service_or_secret_lets_nobody_in(
    fake: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(Address(fake, "prompts", service="aoss", region=REGION))
    with pytest.raises(Misconfigured):
        await engine.ask("GET", "/")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    other = Engine(Address(fake, "prompts", service="es", region=REGION))
    with pytest.raises(Misconfigured):
        await other.ask("GET", "/")
    await engine.aclose()
    await other.aclose()
