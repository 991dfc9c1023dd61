"""Endpoints: what is sent, what is believed, and what every way of failing comes to."""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, closing
from traceback import format_exception

import numpy as np
import pytest

from promptuary.adapters.embedders import http, ollama, openai, portkey
from promptuary.adapters.embedders._remote.client import RemoteEmbedder
from promptuary.domain.errors import (
    BadReply,
    InvalidInput,
    Misconfigured,
    PromptuaryError,
    RateLimited,
    TimedOut,
    TooLarge,
    Unavailable,
)
from promptuary.testing.fakes.embedder import FakeEmbedder
from promptuary.testing.fakes.upstream import FakeUpstream

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

TEXTS = ["one two", "three", "four five six"]


@pytest.fixture
def upstream() -> Iterator[FakeUpstream]:
    with FakeUpstream() as fake:
        yield fake


Opens = Callable[[RemoteEmbedder], RemoteEmbedder]


@pytest.fixture
async def closed() -> AsyncIterator[Opens]:
    """Closes what it is given when the test is over."""
    async with AsyncExitStack() as stack:

        def later(remote: RemoteEmbedder) -> RemoteEmbedder:
            stack.push_async_callback(remote.aclose)
            return remote

        yield later


@pytest.fixture
def remote(upstream: FakeUpstream, closed: Opens) -> RemoteEmbedder:
    return closed(http.connect(f"{upstream.url}?model=small&dim=16&timeout=60"))


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "PORTKEY_API_KEY", "PORTKEY_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


FAULTS: dict[str, type[PromptuaryError]] = {
    "hang": TimedOut,
    "drip": TimedOut,
    "cut": Unavailable,
    "close": Unavailable,
    "429": RateLimited,
    "400": InvalidInput,
    "401": Misconfigured,
    "404": Misconfigured,
    "413": TooLarge,
    "418": BadReply,
    "500": Unavailable,
    "503": Unavailable,
    "html": BadReply,
    "not_json": BadReply,
    "no_data": BadReply,
    "count": BadReply,
    "twice": BadReply,
    "dimension": BadReply,
    "nan": BadReply,
    "zeros": BadReply,
    "words": BadReply,
}


SILENT = ("hang", "drip")
"""Only these are given up on by the clock; a busy machine must not be taken for one of them."""


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_fault_ends_in_its_error_and_in_time(
    upstream: FakeUpstream, remote: RemoteEmbedder, closed: Opens, fault: str
) -> None:
    upstream.faults.append(fault)
    started = time.monotonic()
    hasty = closed(http.connect(f"{upstream.url}?model=small&dim=16&timeout=0.4"))
    with pytest.raises(PromptuaryError) as raised:
        await (hasty if fault in SILENT else remote).embed(TEXTS)
    assert type(raised.value) is FAULTS[fault]
    assert time.monotonic() - started < 30
    upstream.faults.clear()  # a busy machine may not have come to ask at all in that time
    expected = await FakeEmbedder().embed(TEXTS)
    np.testing.assert_allclose(await remote.embed(TEXTS), expected, atol=1e-6)


@pytest.mark.slow
async def test_an_answer_without_end_is_not_read_to_its_end(
    upstream: FakeUpstream, closed: Opens
) -> None:
    upstream.faults.append("huge")
    with pytest.raises(BadReply, match="more than"):
        await closed(http.connect(f"{upstream.url}?model=small&dim=16")).embed(TEXTS)


async def test_a_shuffled_answer_is_put_in_order(
    upstream: FakeUpstream, remote: RemoteEmbedder
) -> None:
    upstream.faults.append("order")
    expected = await FakeEmbedder().embed(TEXTS)
    np.testing.assert_allclose(await remote.embed(TEXTS), expected, atol=1e-6)


async def test_a_host_that_listens_and_never_accepts_is_left_in_time(closed: Opens) -> None:
    with closing(socket.create_server(("127.0.0.1", 0), backlog=0)) as listener:
        port = listener.getsockname()[1]
        silent = closed(http.connect(f"http://127.0.0.1:{port}/v1?model=small&dim=16&timeout=0.2"))
        with pytest.raises(TimedOut):
            await silent.embed(TEXTS)


@pytest.mark.parametrize("host", ["127.0.0.1:1", "host.invalid", "[::1]:1"])
async def test_nobody_at_the_address_is_said_at_once(host: str, closed: Opens) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        await closed(http.connect(f"http://{host}/v1?model=small&dim=16&timeout=20")).embed(TEXTS)


async def test_how_long_to_wait_is_passed_on(
    upstream: FakeUpstream, remote: RemoteEmbedder
) -> None:
    upstream.faults.append("429")
    with pytest.raises(RateLimited) as raised:
        await remote.embed(TEXTS)
    assert raised.value.retry_after == 7


async def test_texts_go_out_in_batches_and_blank_ones_not_at_all(
    upstream: FakeUpstream, closed: Opens
) -> None:
    remote = closed(http.connect(f"{upstream.url}?model=small&dim=16&batch=50"))
    rows = await remote.embed([f"text {n}" if n % 10 else " " for n in range(120)])
    assert sorted(len(each.body["input"]) for each in upstream.received) == [8, 50, 50]
    assert [place for place, row in enumerate(rows) if not row.any()] == list(range(0, 120, 10))


async def test_long_texts_share_no_request_with_too_many_others(
    upstream: FakeUpstream, closed: Opens
) -> None:
    remote = closed(http.connect(f"{upstream.url}?model=small&dim=16"))
    await remote.embed(["x" * 20_000] * 40)
    sizes = [sum(map(len, each.body["input"])) for each in upstream.received]
    assert len(sizes) == 2
    assert max(sizes) * 0.34 <= 200_000


async def test_a_text_beyond_the_limit_is_cut_and_named(
    upstream: FakeUpstream, closed: Opens
) -> None:
    remote = closed(http.connect(f"{upstream.url}?model=small&dim=16"))
    texts = ["short", "語" * 20_000]
    await remote.embed(texts)
    (cut,) = remote.cuts(texts)
    assert (cut.place, cut.length) == (1, 20_000)
    assert len(upstream.received[0].body["input"][1]) == cut.kept


async def test_openai_sends_its_key_and_asks_for_base64_and_fewer_dimensions(
    upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch, closed: Opens
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("OPENAI_BASE_URL", upstream.url)
    remote = closed(openai.connect("openai:text-embedding-3-small?dim=8"))
    assert (await remote.embed(TEXTS)).shape == (3, 8)
    (received,) = upstream.received
    assert received.headers["authorization"] == "Bearer secret"
    assert received.body["dimensions"] == 8
    assert received.body["encoding_format"] == "base64"


async def test_portkey_sends_its_headers(
    upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch, closed: Opens
) -> None:
    monkeypatch.setenv("PORTKEY_API_KEY", "secret")
    monkeypatch.setenv("PORTKEY_BASE_URL", upstream.url)
    monkeypatch.setenv("PORTKEY_VIRTUAL_KEY", "virtual")
    remote = closed(portkey.connect("portkey:@openai/small?dim=16"))
    await remote.embed(TEXTS)
    (received,) = upstream.received
    assert received.headers["x-portkey-api-key"] == "secret"
    assert received.headers["x-portkey-provider"] == "openai"
    assert received.headers["x-portkey-virtual-key"] == "virtual"
    assert received.body["model"] == "small"


async def test_ollama_is_asked_where_it_is_said_to_live(
    upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch, closed: Opens
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", upstream.url.removeprefix("http://").removesuffix("/v1"))
    assert (await closed(ollama.connect("ollama:small?dim=16")).embed(TEXTS)).shape == (3, 16)
    assert upstream.received[0].path == "/v1/embeddings"


def test_a_model_keeps_its_space_behind_a_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("PORTKEY_API_KEY", "secret")
    direct = openai.connect("openai:text-embedding-3-small").space
    through = portkey.connect("portkey:@openai/text-embedding-3-small").space
    shorter = openai.connect("openai:text-embedding-3-small?dim=512").space
    assert direct == through != shorter


@pytest.mark.parametrize(
    ("connect", "url"),
    [
        (openai.connect, "openai:text-embedding-3-small"),  # no key
        (portkey.connect, "portkey:text-embedding-3-small"),
        (http.connect, "http://localhost/v1"),
        (http.connect, "http://localhost/v1?model=x"),
        (http.connect, "http://localhost/v1?model=x&dim=many"),
        (http.connect, "http://localhost/v1?model=x&dim=3&timeout=soon"),
        (http.connect, "http://localhost/v1?model=x&dim=3&batch=0"),
        (http.connect, "http://localhost/v1?model=x&dim=3&colour=red"),
        (ollama.connect, "ollama:"),
        (ollama.connect, "ollama:nomic-embed-text?dim=512"),
        (ollama.connect, "ollama:unheard-of"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(connect: object, url: str) -> None:
    with pytest.raises(Misconfigured):
        connect(url)


def test_more_dimensions_than_a_model_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    with pytest.raises(Misconfigured, match="cannot give 4000"):
        openai.connect("openai:text-embedding-3-small?dim=4000")


def test_a_key_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    remote = openai.connect("openai:text-embedding-3-small")
    assert "sk-secret" not in repr(remote._endpoint)


@pytest.mark.parametrize("fault", ["echo401", "echo200"])
async def test_a_key_that_is_sent_back_is_not_told(
    upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch, closed: Opens, fault: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", upstream.url)
    upstream.faults.append(fault)
    with pytest.raises(PromptuaryError) as raised:
        await closed(openai.connect("openai:small?dim=16")).embed(TEXTS)
    assert "***" in str(raised.value)
    assert "sk-secret" not in "".join(format_exception(raised.value))
