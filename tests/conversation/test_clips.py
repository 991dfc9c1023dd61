"""Links to recordings: signed, expiring, never made up, and never waited for by an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest

from conversation.guarded import NOW, event
from promptuary.conversation import clips as on_clips
from promptuary.conversation.clips import Clips
from promptuary.conversation.face import Conversing
from promptuary.conversation.insights.calendar import Calendar
from promptuary.conversation.outside import Outside
from promptuary.domain.errors import Forbidden, InvalidInput, NotFound, Unavailable
from promptuary.testing.fakes.clip_store import FakeClipStore
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork

pytestmark = pytest.mark.anyio
SEEN = [event(1), event(2), event(3, "fish_hall", "cat")]


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOW)


@pytest.fixture
def store() -> FakeClipStore:
    return FakeClipStore({"e1": b"one", "e3": b"three"}, {"e1": b"picture"})


@pytest.fixture
def clips(store: FakeClipStore, clock: HandClock) -> Clips:
    return Clips(store, "fake", clock, b"key", "https://guard.example")


@pytest.fixture
async def face(clips: Clips, clock: HandClock) -> Conversing:
    record = MemoryUnitOfWork()
    made = Conversing(record, clock, "UTC", timedelta(days=7), Calendar(), Outside(clips))
    await made.add_events(SEEN)
    return made


def parts(url: str) -> tuple[int, str]:
    asked = parse_qs(urlsplit(url).query)
    return int(asked["expires"][0]), asked["signature"][0]


async def test_pictures_may_have_a_host_of_their_own(clips: Clips) -> None:
    apart = replace(clips, pictures="https://pictures.example")
    (link,) = await apart.links([SEEN[0]], thumbnails=True)
    assert link.thumbnail_url.startswith("https://pictures.example/api/v1/clips/e1/file?")
    assert link.url.startswith("https://guard.example/")


async def test_a_link_works_until_it_expires(
    face: Conversing, clips: Clips, clock: HandClock
) -> None:
    (link,) = await face.clips(["e1"], lifetime=timedelta(minutes=5))
    assert link.url.startswith("https://guard.example/api/v1/clips/e1/file?")
    assert link.expires_at == NOW + timedelta(minutes=5)
    expires, signature = parts(link.url)
    clips.check("e1", "clip", expires, signature)
    for event_id, part, until in (
        ("e3", "clip", expires), ("e1", "thumbnail", expires), ("e1", "clip", expires + 60)
    ):  # fmt: skip
        with pytest.raises(Forbidden, match="not signed"):
            clips.check(event_id, part, until, signature)  # type: ignore[arg-type]  # in a loop
    await clock.advance(301)
    with pytest.raises(Forbidden, match="expired"):
        clips.check("e1", "clip", expires, signature)


async def test_another_key_opens_nothing(clips: Clips, store: FakeClipStore) -> None:
    (link,) = await clips.links([SEEN[0]])
    other = Clips(store, "fake", clips.clock, b"another")
    with pytest.raises(Forbidden):
        other.check("e1", "clip", *parts(link.url))


async def test_whoever_has_a_link_opens_that_recording_and_no_other(face: Conversing) -> None:
    one, three = await face.clips(["e1", "e3"], thumbnails=True)
    assert [await face.open_link(each.url) for each in (one, three)] == [b"one", b"three"]
    assert await face.open_link(one.thumbnail_url) == b"picture"
    for wrong in (one.url.replace("e1", "e3"), one.url[:-1], "", "/api/v1/clips/e1", "http://[",
                  one.url.replace("expires=", "expires=x"), one.url + "&part=face"):  # fmt: skip
        with pytest.raises(Forbidden):
            await face.open_link(wrong)


@pytest.mark.parametrize("minutes", [0, -5, 24 * 60 + 1])
async def test_a_link_lasts_at_most_a_day(face: Conversing, minutes: float) -> None:
    with pytest.raises(InvalidInput, match="24 hours"):
        await face.clips(["e1"], lifetime=timedelta(minutes=minutes))


async def test_nothing_is_made_up(face: Conversing) -> None:
    links = await face.clips(["e2", "nobody", "e1", "e1"])
    assert [(each.event_id, each.available, bool(each.url)) for each in links] == [
        ("e2", False, False), ("e1", True, True)
    ]  # fmt: skip


async def test_many_are_one_question_to_the_store(face: Conversing, store: FakeClipStore) -> None:
    await face.clips(["e1", "e2", "e3"])
    assert store.asked == 1


async def test_a_camera_that_may_not_be_seen_has_no_recordings(
    face: Conversing, tmp_path: Path
) -> None:
    assert await face.clips(["e1"], cameras=["fish_hall"]) == []
    with pytest.raises(NotFound):
        await face.save_clip("e1", tmp_path / "x.mp4", cameras=["fish_hall"])


async def test_an_answer_comes_without_clips_while_their_store_is_away(
    face: Conversing, store: FakeClipStore
) -> None:
    store.away = True
    reply = (await face.converse("how many cars today?")).reply
    assert reply.value == 2
    assert [(each.available, each.url) for each in reply.clips] == [(False, "")] * 2
    with pytest.raises(Unavailable):
        await face.clips(["e1"])


class Slow(FakeClipStore):
    async def find(self, *asked, **how):
        await anyio.sleep_forever()


async def test_an_answer_does_not_wait_for_a_slow_store(
    clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_clips, "IN_AN_ANSWER", 0.01)
    slow = Clips(Slow({}), "fake", clock, b"key")
    face = Conversing(
        MemoryUnitOfWork(), clock, "UTC", timedelta(days=7), Calendar(), Outside(slow)
    )
    await face.add_events(SEEN)
    reply = (await face.converse("how many cars today?")).reply
    assert (reply.value, [each.available for each in reply.clips]) == (2, [False, False])


async def test_a_recording_is_saved_as_a_whole_or_not_at_all(
    face: Conversing, tmp_path: Path
) -> None:
    assert await face.save_clip("e1", tmp_path / "one.mp4") == 3
    assert (tmp_path / "one.mp4").read_bytes() == b"one"
    with pytest.raises(NotFound):
        await face.save_clip("e2", tmp_path / "two.mp4")
    with pytest.raises(Unavailable):
        await face.save_clip("e1", tmp_path / "nowhere" / "one.mp4")
    assert [path.name async for path in anyio.Path(tmp_path).iterdir()] == ["one.mp4"]
