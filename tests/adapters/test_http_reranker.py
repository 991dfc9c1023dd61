"""An endpoint that reranks: both shapes, every fault typed and in time, no key told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from promptuary.adapters.rerankers.http import HttpReranker, connect
from promptuary.domain.errors import (
    BadReply,
    InvalidInput,
    Misconfigured,
    PromptuaryError,
    RateLimited,
    TimedOut,
    Unavailable,
)
from promptuary.testing.fakes.rerank_upstream import FakeRerankUpstream
from promptuary.testing.reranker import GOOD, POOR, QUERY, RerankerContract

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

KEY = "a-key-that-nobody-may-read"


@pytest.fixture(scope="module")
def running() -> Iterator[FakeRerankUpstream]:
    with FakeRerankUpstream() as fake:
        yield fake


@pytest.fixture
def fake(running: FakeRerankUpstream, monkeypatch: pytest.MonkeyPatch) -> FakeRerankUpstream:
    monkeypatch.setenv("PROMPTUARY_RERANKER_KEY", KEY)
    running.faults.clear()
    running.received.clear()
    return running


class TestHttpReranker(RerankerContract):
    @pytest.fixture(params=["?model=small", ""], ids=["with a model", "without"])
    async def reranker(
        self, fake: FakeRerankUpstream, request: pytest.FixtureRequest
    ) -> AsyncIterator[HttpReranker]:
        opened = connect(f"{fake.url}{request.param}")
        yield opened
        await opened.aclose()


async def test_the_key_goes_along_and_blank_texts_do_not(fake: FakeRerankUpstream) -> None:
    reranker = connect(f"{fake.url}/v2/rerank?model=small")
    scores = await reranker.score(QUERY, ["", GOOD, " ", POOR])
    await reranker.aclose()
    (sent,) = fake.received
    assert sent.path == "/v2/rerank"
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.body == {"model": "small", "query": QUERY, "documents": [GOOD, POOR]}
    assert scores[1] == max(scores)
    assert scores[0] == scores[2] == scores[3] == min(scores)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        *((fault, BadReply) for fault in ("no_results", "count", "twice", "nan", "words", "place")),
        *((fault, BadReply) for fault in ("html", "not_json")),
        *((fault, TimedOut) for fault in ("hang", "drip", "stall")),
        *((fault, Unavailable) for fault in ("close", "cut", "500", "503")),
        ("429", RateLimited),
        ("400", InvalidInput),
        ("401", Misconfigured),
        ("404", Misconfigured),
        ("echo401", Misconfigured),
        ("echo200", BadReply),
    ],
)
async def test_every_fault_is_an_error_of_its_kind_and_repeats_no_key(
    fake: FakeRerankUpstream, fault: str, error: type[PromptuaryError]
) -> None:
    patience = 0.2 if error is TimedOut else 60
    reranker = connect(f"{fake.url}?model=small&timeout={patience}")
    fake.faults.append(fault)
    with pytest.raises(error) as raised:
        await reranker.score(QUERY, [GOOD, POOR])
    await reranker.aclose()
    assert KEY not in str(raised.value)


@pytest.mark.parametrize("options", ["?modell=x", "?timeout=soon", "?timeout=0", "?timeout=nan"])
def test_options_that_nobody_knows_are_refused(options: str) -> None:
    with pytest.raises(Misconfigured):
        connect(f"http://localhost:9{options}")
