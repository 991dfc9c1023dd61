"""Streams cut anywhere give the same events, and what is no stream is told at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.adapters._remote.events import events
from promptuary.adapters._remote.frames import Frame, frames
from promptuary.domain.errors import BadReply
from promptuary.testing.fakes.chat_shapes import BedrockTalk

pytestmark = pytest.mark.anyio
LINES = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=9)
EVENTS = st.lists(st.lists(LINES, min_size=1, max_size=3), max_size=4)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


async def cut(body: bytes, places: Sequence[int]) -> AsyncIterator[bytes]:
    """The body in pieces; empty ones among them."""
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    for start, end in pairwise(edges):
        yield body[start:end]


@given(said=EVENTS, end=ENDS, places=st.lists(st.integers(0, 10**6), max_size=8))
async def test_events_do_not_depend_on_how_they_are_cut(
    said: list[list[str]], end: str, places: list[int]
) -> None:
    blocks = ["".join(f"data: {line}{end}" for line in lines) + end for lines in said]
    body = f": a comment{end}id: 7{end}{end}".encode() + "".join(blocks).encode()
    found = [event.decode() async for event in events(cut(body, places))]
    assert found == ["\n".join(lines) for lines in said]


async def test_an_event_that_nothing_ends_is_dropped() -> None:
    body = b"data: one\n\ndata: half"
    assert [event async for event in events(cut(body, [3]))] == [b"one"]


@pytest.mark.parametrize("body", [b"<html>", b'{"error": "no"}\n\n', b"\x00\x01\n"])
async def test_what_is_no_stream_of_events_is_told(body: bytes) -> None:
    with pytest.raises(BadReply, match="no stream"):
        _ = [event async for event in events(cut(body, []))]


MESSAGES = st.lists(st.dictionaries(st.sampled_from(["text", "x"]), LINES, max_size=2), max_size=3)


@given(said=MESSAGES, places=st.lists(st.integers(0, 10**6), max_size=8))
async def test_frames_do_not_depend_on_how_they_are_cut(
    said: list[dict[str, str]], places: list[int]
) -> None:
    _, pieces = BedrockTalk().framed([{"messageStart": each} for each in said])
    found = [frame async for frame in frames(cut(b"".join(pieces), places))]
    assert [frame.headers[":event-type"] for frame in found] == ["messageStart"] * len(said)
    assert b"".join(frame.payload for frame in found).count(b"}") >= len(said)


def one_frame() -> bytes:
    """A sound message."""
    return BedrockTalk().framed([{"messageStop": {"stopReason": "end_turn"}}])[1][0]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "the length": lambda whole: b"\xff" + whole[1:],
    "the headers": lambda whole: whole[:20] + b"\xff" + whole[21:],
    "the end": lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]),
    "half of it": lambda whole: whole[: len(whole) // 2],
    "a page": lambda _: b"<html><body>Bad gateway</body></html>",
}


@pytest.mark.parametrize("what", DAMAGE)
async def test_a_damaged_frame_is_told(what: str) -> None:
    with pytest.raises(BadReply):
        _ = [frame async for frame in frames(cut(DAMAGE[what](one_frame()), []))]


@given(body=st.binary(max_size=200))
async def test_no_bytes_break_the_reading_of_frames(body: bytes) -> None:
    found: list[Frame] = []
    with suppress(BadReply):
        found += [frame async for frame in frames(cut(body, [7, 50]))]
    assert found == []
