"""Insights to a webhook: signed, and what its answers mean."""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256

import pytest

from promptuary.adapters.insight_sinks.http import WebhookInsightSink, connect, signature
from promptuary.domain.errors import InvalidInput, Misconfigured, Unavailable
from promptuary.testing.fakes.serving import FakeServer, as_json
from promptuary.testing.insight_sink import InsightSinkContract, ToldSoFar

SECRET = "a-shared-secret"


@pytest.fixture
def hook() -> Iterator[FakeServer]:
    with FakeServer(lambda received, fault: as_json({"ok": True})) as server:
        yield server


@pytest.fixture
async def sink(
    hook: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[WebhookInsightSink]:
    monkeypatch.setenv("INSIGHT_WEBHOOK_SECRET", SECRET)
    opened = connect(f"{hook.address}/hook")
    yield opened
    await opened.aclose()


class TestWebhookInsightSink(InsightSinkContract):
    @pytest.fixture
    def told(self, hook: FakeServer) -> ToldSoFar:
        async def told():
            return [dict(each.body) for each in hook.received]

        return told


@pytest.mark.anyio
async def test_a_message_is_signed(sink: WebhookInsightSink, hook: FakeServer) -> None:
    await sink.tell("i-1", {"insight_id": "i-1"})
    headers = hook.received[0].headers
    at, _, seal = headers["x-promptuary-signature"].partition(",")
    body = json.dumps({"insight_id": "i-1"}, separators=(",", ":")).encode()
    own = hmac.new(SECRET.encode(), f"{at[2:]}.".encode() + body, sha256).hexdigest()
    assert seal == f"v1={own}"
    assert headers["x-promptuary-id"] == "i-1"
    assert signature(b"other", body, int(at[2:])) != f"{at},{seal}"
    assert SECRET not in repr(sink)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("fault", "error"),
    [("500", Unavailable), ("429", Unavailable), ("close", Unavailable), ("400", InvalidInput),
     ("403", Misconfigured)],
)  # fmt: skip
async def test_what_its_answer_means(
    sink: WebhookInsightSink, hook: FakeServer, fault: str, error: type[Exception]
) -> None:
    hook.faults.append(fault)
    with pytest.raises(error):
        await sink.tell("a", {})
    await sink.tell("a", {})


@pytest.mark.parametrize("url", ["http:", "https://", "http://me:secret@host/x"])
def test_what_is_no_webhook_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured):
        connect(url)
