"""The binary event stream of AWS (`application/vnd.amazon.eventstream`), in bounded memory."""

from __future__ import annotations

from binascii import crc32
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from struct import error as struct_error
from struct import unpack_from

from promptuary.domain.errors import BadReply

MOST_FRAME_BYTES = 16 * 1024 * 1024
_TEXT = 7
_WIDTHS = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Bytes of a header's value by its type; 6 and 7 say their length first."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message; of its headers those that are texts."""

    headers: Mapping[str, str]
    payload: bytes


async def frames(chunks: AsyncIterator[bytes]) -> AsyncGenerator[Frame, None]:
    """Each message, once it is whole. Raises BadReply for what is none, or is damaged."""
    held = b""
    async for chunk in chunks:
        held += chunk
        while (size := _size(held)) and len(held) >= size:
            yield _frame(held[:size])
            held = held[size:]
    if held:
        raise BadReply(f"the stream ends in the middle of a message: {held[:60]!r}")


def _size(held: bytes) -> int:
    """Of the first message; 0 while that is not known."""
    if len(held) < 12:
        return 0
    size, _, check = unpack_from("!III", held)
    if crc32(held[:8]) != check or not 16 <= size <= MOST_FRAME_BYTES:
        raise BadReply(f"no stream of messages came back but {held[:60]!r}")
    return int(size)


def _frame(whole: bytes) -> Frame:
    (check,) = unpack_from("!I", whole, len(whole) - 4)
    (length,) = unpack_from("!I", whole, 4)
    if crc32(whole[:-4]) != check or 12 + length > len(whole) - 4:
        raise BadReply("a message of the stream is damaged")
    try:
        headers = _headers(whole[12 : 12 + length])
    except (struct_error, KeyError, UnicodeDecodeError) as error:
        raise BadReply("a message of the stream has damaged headers") from error
    return Frame(headers, whole[12 + length : -4])


def _headers(data: bytes) -> dict[str, str]:
    found, at = {}, 0
    while at < len(data):
        (width,) = unpack_from("!B", data, at)
        name = data[at + 1 : at + 1 + width].decode()
        at += 1 + width
        (kind,) = unpack_from("!B", data, at)
        at += 1
        if kind in {6, _TEXT}:
            (width,) = unpack_from("!H", data, at)
            at += 2
        else:
            width = _WIDTHS[kind]
        if kind == _TEXT:
            found[name] = data[at : at + width].decode()
        at += width
    return found
