"""Server-sent events (WHATWG HTML, section 9.2), read as they come and in bounded memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

from promptuary.domain.errors import BadReply

MOST_EVENT_BYTES = 4 * 1024 * 1024
_FIELDS = (b"data", b"event", b"id", b"retry")


async def events(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """The `data` of each event. What is not finished by an empty line is dropped, as the standard
    says. Raises BadReply for what is no such stream (a page of HTML, an error in JSON) or an event
    of more than MOST_EVENT_BYTES."""
    data: list[bytes] = []
    async for line in _lines(chunks):
        name, _, value = line.partition(b":")
        if not line:
            if data:
                yield b"\n".join(data)
            data = []
        elif name == b"data":
            data.append(value.removeprefix(b" "))
            if sum(map(len, data)) > MOST_EVENT_BYTES:
                raise BadReply(f"an event is longer than {MOST_EVENT_BYTES} bytes")
        elif name and name not in _FIELDS:
            raise BadReply(f"no stream of events came back but {line[:60]!r}")


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Lines that end in CR, LF or both; the last one too when nothing ends it."""
    rest = b""
    async for chunk in chunks:
        # A CR at the end may be half of a CRLF: it waits for what follows.
        whole = rest + chunk
        held = b"\r" if whole.endswith(b"\r") else b""
        whole = whole.removesuffix(b"\r") if held else whole
        *lines, rest = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        rest += held
        for line in lines:
            yield line
        if len(rest) > MOST_EVENT_BYTES:
            raise BadReply(f"a line is longer than {MOST_EVENT_BYTES} bytes")
    if rest:
        yield rest.rstrip(b"\r")
