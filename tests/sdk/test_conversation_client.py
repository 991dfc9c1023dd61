"""Events and conversations of a server: the same as here."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from api.running import running
from api.sites import Site, serving
from promptuary import AsyncRemoteClient, RemoteClient
from promptuary.conversation.face import Conversing
from promptuary.domain.errors import NotFound, Unsupported
from promptuary.domain.events import Event
from promptuary.sdk.blocking import Conversing as Blocking
from promptuary.sdk.conversing import RemoteConversing

pytestmark = pytest.mark.anyio
METHODS = [name for name in vars(RemoteConversing) if not name.startswith("_")]
START = datetime(2025, 5, 10, 10, tzinfo=UTC)
SEEN = [
    Event(
        "full", "gate", "person", START, START + timedelta(seconds=9.5), "ada", ("porch", "lawn"),
        "a person in red", 0.75, (0.25, 0.25, 0.5, 0.5), "t1", "/clips/1.mp4", {"speed": 2.5},
    ),
    Event("bare", "gate", "dog", START),
]  # fmt: skip
ASKED = "How many people at the gate on 10 May 2025?"


@pytest.mark.parametrize("name", METHODS)
def test_a_client_takes_what_the_library_takes(name: str) -> None:
    own = inspect.signature(getattr(Conversing, name))
    remote = inspect.signature(getattr(RemoteConversing, name))
    assert list(remote.parameters.values())[1:] == list(own.parameters.values())[1:]
    assert remote.return_annotation == own.return_annotation
    assert name in vars(Blocking)


@pytest.fixture
async def site(tmp_path) -> AsyncIterator[Site]:
    async with serving(tmp_path / "home") as opened:
        yield opened


@pytest.mark.slow
async def test_a_conversation_through_a_client_is_the_one_of_the_server(site: Site) -> None:
    transport = httpx2.ASGITransport(site.app)
    async with AsyncRemoteClient("http://localhost", transport=transport) as client:
        there, here = client.conversation, site.promptuary.conversation
        taken = await there.add_events([*SEEN, {"event_id": "x"}])
        assert (taken.intake.new, [each.position for each in taken.refused]) == (2, [3])
        assert await here.events_of(["full", "bare"]) == SEEN
        turn = await there.converse(ASKED, timezone="Europe/Lisbon")
        alone = await here.converse(ASKED, user="loopback", timezone="Europe/Lisbon")
        assert turn.reply == alone.reply
        thread = turn.conversation.id
        again = await there.converse("and dogs?", conversation_id=thread)
        assert again.reply.value == 1
        said = await there.export(thread)
        assert said == await here.export(thread, user="loopback")
        assert (await there.history(thread, limit=1, skip=1)).messages == said.messages[2:3]
        assert (await there.conversations()).items[0].id == thread
        assert await there.insights() == await here.insights()
        assert await there.clips(["full"]) == await here.clips(["full"])
        await there.delete(thread)
        with pytest.raises(NotFound):
            await there.history(thread)


@pytest.mark.slow
async def test_what_the_key_says_is_not_said_again(site: Site) -> None:
    transport = httpx2.ASGITransport(site.app)
    async with AsyncRemoteClient("http://localhost", transport=transport) as client:
        there = client.conversation
        for asked in (
            there.converse("x", user="ada"),
            there.converse("x", cameras=["gate"]),
            there.converse("x", now=START),
            there.insights(timedelta(days=2)),
        ):
            with pytest.raises(Unsupported):
                await asked


@pytest.mark.slow
async def test_a_turn_that_is_sent_twice_happens_once(site: Site) -> None:
    body, headers = {"query": ASKED}, {"Idempotency-Key": "one"}
    sent = [
        await site.client.post("/api/v1/conversation", json=body, headers=headers) for _ in range(2)
    ]
    assert sent[0].json()["conversation_id"] == sent[1].json()["conversation_id"]
    assert (await site.client.get("/api/v1/conversations")).json()["total"] == 1


@pytest.mark.slow
def test_the_client_without_await_converses(tmp_path) -> None:
    with running(tmp_path) as server, RemoteClient(server.url) as client:
        assert client.conversation.add_events(SEEN).intake.new == 2
        assert client.conversation.converse(ASKED).reply.value == 1
