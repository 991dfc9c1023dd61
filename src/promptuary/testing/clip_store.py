"""What every ClipStore promises. Subclass it and give it a `store` fixture."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import anyio
import pytest

from promptuary.domain.clips import for_browsers
from promptuary.domain.errors import NotFound, Unsupported
from promptuary.domain.events import Event
from promptuary.ports.clip_store import ClipStore
from promptuary.testing.contract import Contract

AT = datetime(2025, 5, 14, 8, tzinfo=UTC)
HERE = Event("1747209600.25-here", "gate", "person", AT)
"""The store has a recording of it, BODY, and a picture, PICTURE."""
BARE = Event("1747209700.5-bare", "gate", "car", AT)
"""It has a recording of this one, BODY, and no picture."""
GONE = Event("1747209800.75-gone", "hall", "person", AT, clip="hall/gone.mp4")
"""It has none of this one, whatever the event says."""
BODY = bytes(range(256)) * 4_000
PICTURE = b"\xff\xd8\xff\xe0" + bytes(500)
AN_HOUR = timedelta(hours=1)
HOSTILE = [
    Event(named, "gate", "person", AT, clip=clip)
    for named, clip in (
        ("../../etc/passwd", None), ("..", None), (".", ".."), ("%2e%2e/x", None), ("a/b", None),
        ("x?ids=y", None), ("x#y", None), ("a\\..\\b", None), ("\0", "a\0b.mp4"), ("é" * 40, None),
        ("x" * 255, None), ("url", "http://169.254.169.254/latest/meta-data/a.mp4"),
        ("file", "file:///etc/passwd"), ("root", "/etc/passwd"), ("up", "../../../secret.mp4"),
        ("up2", "gate/../../secret.mp4"), ("nl", "a\r\nHost: b.mp4"), ("dot", ".hidden/a.mp4"),
    )
]  # fmt: skip


@pytest.mark.anyio
class ClipStoreContract(Contract):
    """`store` has recordings of HERE and BARE and of nothing else."""

    async def test_what_is_there_is_found_and_the_rest_is_not(self, store: ClipStore) -> None:
        found = await store.find([HERE, GONE, BARE, HERE], AN_HOUR)
        assert [each and each.event_id for each in found] == [HERE.id, None, BARE.id, HERE.id]

    async def test_nothing_asked_is_nothing_found(self, store: ClipStore) -> None:
        assert await store.find([], AN_HOUR) == []

    async def test_pictures_are_told_of_where_there_are(self, store: ClipStore) -> None:
        here, bare = await store.find([HERE, BARE], AN_HOUR, thumbnails=True)
        assert here is not None
        assert bare is not None
        assert (here.thumbnail, bare.thumbnail) == (True, False)

    async def test_what_would_lead_elsewhere_names_nothing(self, store: ClipStore) -> None:
        for each in HOSTILE:
            assert await store.find([each], AN_HOUR) == [None], each
            with pytest.raises((NotFound, Unsupported)):
                async with store.read(each):
                    pass

    async def test_hostile_names_spoil_no_other(self, store: ClipStore) -> None:
        found = await store.find([*HOSTILE, HERE], AN_HOUR)
        assert [each and each.event_id for each in found] == [None] * len(HOSTILE) + [HERE.id]

    async def test_a_recording_is_read_through_us_or_linked(self, store: ClipStore) -> None:
        (found,) = await store.find([HERE], AN_HOUR, thumbnails=True)
        assert found is not None
        if found.url:
            assert for_browsers(found.url) == found.url
            assert HERE.id in found.url
            return
        async with store.read(HERE) as footage:
            assert footage.kind == "video/mp4"
            assert b"".join([piece async for piece in footage.chunks]) == BODY
        async with store.read(HERE, "thumbnail") as footage:
            assert footage.kind == "image/jpeg"
            assert b"".join([piece async for piece in footage.chunks]) == PICTURE

    async def test_a_piece_is_that_piece_or_the_whole(self, store: ClipStore) -> None:
        (found,) = await store.find([HERE], AN_HOUR)
        if found is not None and not found.url:
            async with store.read(HERE, first=1_000, last=1_999) as footage:
                body = b"".join([piece async for piece in footage.chunks])
                assert body == BODY[footage.first : footage.first + len(body)]
                assert len(body) in {1_000, len(BODY)}

    async def test_what_is_missing_is_not_found(self, store: ClipStore) -> None:
        for event, part in ((GONE, "clip"), (GONE, "thumbnail"), (BARE, "thumbnail")):
            with pytest.raises((NotFound, Unsupported)):
                async with store.read(event, part):  # type: ignore[arg-type]  # a literal in a loop
                    pass

    async def test_many_at_once_are_no_trouble(self, store: ClipStore) -> None:
        events = [HERE if n % 3 else GONE for n in range(30)]

        async def look() -> None:
            found = await store.find(events, AN_HOUR)
            assert [each is not None for each in found] == [n % 3 != 0 for n in range(30)]

        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(look)

    async def test_closing_twice_is_harmless(self, store: ClipStore) -> None:
        await store.aclose()
        await store.aclose()
