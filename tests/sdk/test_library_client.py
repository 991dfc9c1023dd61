"""Kept prompts of a server: the same as here, and still there while the server is away."""

from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from api.running import running
from api.sites import serving
from promptuary import AsyncRemoteClient, RemoteClient
from promptuary.domain.errors import Conflict, InvalidInput, NotFound, Unavailable, Unsupported
from promptuary.domain.filters import Eq
from promptuary.domain.library import About, ChatTurn, DeclaredSlot, PromptContent
from promptuary.library.face import Library
from promptuary.sdk.blocking import Library as Blocking
from promptuary.sdk.library import RemoteLibrary
from promptuary.sdk.line import Sent
from promptuary.sdk.remembering import FRESH_SECONDS, STALE_SECONDS, Remembered
from promptuary.testing.fakes.clock import START
from sdk.away import Away

pytestmark = pytest.mark.anyio
LOCAL = {"tenant", "author", "user", "override", "origins"}
"""What the key says to a server, or a server does not take."""
METHODS = [n for n in vars(RemoteLibrary) if not n.startswith("_") and n != "aclose"]


@pytest.mark.parametrize("name", METHODS)
def test_a_remote_library_takes_what_the_library_takes(name: str) -> None:
    own = inspect.signature(getattr(Library, name)).parameters
    remote = inspect.signature(getattr(RemoteLibrary, name)).parameters
    assert [(p.name, p.kind, p.default) for p in remote.values() if p.name not in LOCAL] == [
        (p.name, p.kind, p.default) for p in own.values() if p.name not in LOCAL
    ]


HERE_ONLY = {"export_history", "import_history", "aclose"}
"""What moves prompts between records; over a server a bundle does."""


def test_a_remote_library_leaves_nothing_out() -> None:
    every = {name for name in vars(Library) if not name.startswith("_")} - HERE_ONLY
    assert every <= set(METHODS)
    assert every <= set(vars(Blocking))


@pytest.mark.slow
async def test_an_experiment_and_files_work_through_a_client(tmp_path) -> None:
    async with serving(tmp_path / "home") as site:
        transport = httpx2.ASGITransport(site.app)
        async with AsyncRemoteClient("http://localhost", transport=transport) as client:
            library, here = client.library, site.promptuary.library
            choices = (DeclaredSlot("city", "enum", choices=("Lyon", "Lima", "Oslo")),)
            await library.save("a", PromptContent("To {{ city }}", slots=choices), labels=["beta"])
            await library.save("a", "To {{ city }}, {{ who }}!")
            assert list((await library.branches("a")).items()) == list(
                (await here.branches("a")).items()
            )
            assert await library.slots("a", label="beta") == choices
            assert [slot.name for slot in await library.slots("a")] == ["city", "who"]
            assert await library.slot_values("a", "city") == ["Lyon", "Lima", "Oslo"]
            with pytest.raises(InvalidInput):
                await library.slot_values("a", "who")
            begun = await library.begin_experiment("a", 2, label="beta", share=0.25)
            assert (begun.state, begun.share) == ("running", 0.25)
            for key in ("ada", "bob", "cleo", "dan"):
                given = await library.serve("a", key, label="beta")
                assert given.version == (await here.serve("a", key, label="beta")).version
                await library.rate("a", 5, key=key)
            verdict = await library.judge("a")
            assert (verdict, verdict.control.good + verdict.candidate.good) == (
                await here.judge("a"), 4,
            )  # fmt: skip
            assert (await library.stop_experiment("a")).state == "stopped"
            figures = await library.analytics(group_by="version")
            assert sum(each.ratings for each in figures.groups) == 4
            file = await library.export_file("bundle")
            assert file == await here.export_file("bundle")
            with pytest.raises(Unsupported, match="private key"):
                await library.export_file("bundle", private_key=b"x")
            planned = await library.import_file("bundle", file.data, dry_run=True)
            assert [(each.slug, each.status) for each in planned.outcomes] == [("a", "same")]
            lost = await library.export_file("openai", ["a"])
            assert lost == await here.export_file("openai", ["a"])


@pytest.mark.slow
async def test_what_is_kept_by_a_client_is_kept_by_the_server(tmp_path) -> None:
    async with serving(tmp_path / "home") as site:
        transport = httpx2.ASGITransport(site.app)
        async with AsyncRemoteClient("http://localhost", transport=transport) as client:
            library = client.library
            slots = (DeclaredSlot("who", default="you", examples=("Ada",)),)
            content = PromptContent(
                turns=(ChatTurn("system", "Be kind to {{ who }}."), ChatTurn("user", "", "past")),
                slots=slots,
                config='{"a": 1.50}',
            )
            about = About("Kind", tags=("t",), folder="a", topic_details={"x": "y"})
            kept = await library.save("a/b", content, about=about, labels=["production"])
            here = site.promptuary.library
            assert kept == await here.get("a/b", count=False)
            assert await library.get("a/b", label="production", count=False) == kept
            with pytest.raises(Conflict):
                await library.save("a/b", content, expected_revision=0)
            await library.save("a/b", "Other {{ x }}", expected_revision=1)
            assert (await library.label("a/b", "beta", 1)).version_id == kept.version.id
            assert [each.name for each in await library.labels("a/b")][1:] == ["beta", "production"]
            await library.unlabel("a/b", "beta")
            assert (await library.versions("a/b")).total == 2
            assert (await library.diff("a/b", 1)).after.number == 2
            past = {"past": [ChatTurn("user", "Hi")]}
            made = await library.render("a/b", label="production", messages=past)
            assert made.turns == (ChatTurn("system", "Be kind to you."), *past["past"])
            with pytest.raises(InvalidInput) as refused:
                await library.render("a/b", {"y": 1})
            assert sorted(refused.value.fields) == ["x", "y"]
            assert (await library.rate("a/b", 5, comment="good")).average_rating == 5
            assert (await library.ratings("a/b")).items[0].comment == "good"
            found = await library.search("other", tags=["t"], where=Eq("slug", "a/b"))
            assert found.hits[0].payload["slug"] == "a/b"
            assert (await library.describe("a/b", About("New"))).about.title == "New"
            assert (await library.archive("a/b")).archived
            assert (await library.list()).total == 0
            assert not (await library.restore("a/b")).archived
            assert (await library.audit("a/b")).items[0].action == "restored"
            assert (await library.similar("a/b")).hits == ()
            assert (await library.shadows()).total == 0
            with pytest.raises(NotFound):
                await library.get("gone")


@pytest.mark.slow
def test_a_prompt_is_served_after_its_server_has_gone(tmp_path) -> None:
    (tmp_path / "home").mkdir()
    server = running(tmp_path / "home")
    with server as started, RemoteClient(started.url, attempts=1, timeout=60) as client:
        kept = client.library.save("a", "One", labels=["production"])
        assert client.library.get("a", label="production").version == kept.version
        started.terminate()
        started.process.wait()
        assert client.library.get("a", label="production").version == kept.version
        with pytest.raises(Unavailable):
            client.library.get("a")


SENT = Sent("GET", "/a", {"label": "production"})


@pytest.fixture
def time() -> list[Any]:
    return [START]


@pytest.fixture
def line() -> Away:
    return Away()


@pytest.fixture
def remembered(line: Away, time: list[Any]) -> Remembered:
    return Remembered(line, now=lambda: time[0])  # type: ignore[arg-type]  # reads like one


async def test_a_fresh_prompt_is_not_asked_for_again(remembered, line) -> None:
    for _ in range(3):
        assert await remembered.get(SENT) == line.kept
    assert line.asked == [None]


async def test_a_stale_prompt_is_given_at_once_and_asked_after(remembered, line, time) -> None:
    await remembered.get(SENT)
    old, line.kept = line.kept, replace(line.kept, labels=())
    line.kept = replace(line.kept, prompt=replace(line.kept.prompt, revision=2))
    line.etag = '"2"'
    time[0] += timedelta(seconds=FRESH_SECONDS + 1)
    assert await remembered.get(SENT) == old
    await remembered.settled()
    assert await remembered.get(SENT) == line.kept
    assert line.asked == [None, '"1"']


@pytest.mark.parametrize("seconds", [FRESH_SECONDS + 1, STALE_SECONDS + 1])
async def test_the_last_good_version_is_served_while_the_server_is_away_and_says_so(
    remembered, line, time, seconds
) -> None:
    await remembered.get(SENT)
    line.fails = Unavailable("away")
    time[0] += timedelta(seconds=seconds)
    await remembered.get(SENT)
    await remembered.settled()
    told = await remembered.get(SENT)
    assert (told.version, told.stale_since) == (line.kept.version, START)
    await remembered.settled()
    line.fails = None
    await remembered.get(SENT)
    await remembered.settled()
    assert (await remembered.get(SENT)).stale_since is None


async def test_a_prompt_that_is_gone_is_not_served_on(remembered, line, time) -> None:
    await remembered.get(SENT)
    line.fails = NotFound("prompt", "a")
    time[0] += timedelta(seconds=FRESH_SECONDS + 1)
    await remembered.get(SENT)
    await remembered.settled()
    with pytest.raises(NotFound):
        await remembered.get(SENT)


async def test_nothing_is_left_running(remembered, line, time) -> None:
    await remembered.get(SENT)
    time[0] += timedelta(seconds=FRESH_SECONDS + 1)
    await remembered.get(SENT)
    await remembered.aclose()
