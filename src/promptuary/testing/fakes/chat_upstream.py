"""A fake: an endpoint that chats in the protocol it is asked in, and misbehaves when told to.

It says what it was told to say, then what it hears; a word is a token.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from promptuary.testing.fakes.chat_model import words_of
from promptuary.testing.fakes.chat_shapes import SHAPES, Shape, Speech
from promptuary.testing.fakes.serving import Answered, FakeServer, Received, as_json, refused


class FakeChatUpstream:
    """Chats in the protocols of OpenAI, Anthropic, Gemini and Bedrock, told apart by the path.

    Each name in `faults` spoils one request, in order: those of FakeServer, and `null` (what holds
    the reply is null), `missing` (it is not there), `empty` (nothing is said), `number` (a number
    where a text is due), `nan` and `below_zero` (for a count of tokens), `filtered` (withheld),
    `error` (with status 200; streamed, after the first words), `unfinished` (a stream that ends
    without saying so). `replies` are said one after another before it begins to repeat.
    """

    def __init__(self, *replies: str) -> None:
        self.replies = deque(replies)
        self._server = FakeServer(self._answer)

    @property
    def received(self) -> list[Received]:
        """Every request so far."""
        return self._server.received

    @property
    def faults(self) -> deque[str]:
        """How the next requests go wrong."""
        return self._server.faults

    @property
    def address(self) -> str:
        """`http://` and where it listens."""
        return self._server.address

    @property
    def url(self) -> str:
        """Its base in the OpenAI shape, up to `/v1`."""
        return f"{self.address}/v1"

    def __enter__(self) -> FakeChatUpstream:
        self._server.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.__exit__(*exc)

    def _answer(self, received: Received, fault: str) -> Answered:
        shape = next((each for each in SHAPES if each.is_asked(received.path)), None)
        if shape is None:
            return refused(404)
        say = self.replies.popleft() if self.replies else ""
        speech = _speech(shape, received.body, fault, say)
        if shape.is_stream(received.path, dict(received.body)):
            return _streamed(shape, speech, fault)
        whole = shape.error() if fault == "error" else shape.whole(speech)
        if fault == "null":
            whole[shape.holder] = None
        elif fault == "missing":
            del whole[shape.holder]
        return as_json(whole)


def _speech(shape: Shape, body: Mapping[str, Any], fault: str, say: str) -> Speech:
    texts, room = shape.heard(dict(body))
    words = words_of(say or texts[-1] or "nothing")
    said: list[Any] = words[:room]
    finish = "stop" if len(said) == len(words) else "length"
    if fault in {"empty", "filtered"}:
        said, finish = [], "filtered" if fault == "filtered" else "stop"
    counts = {"nan": float("nan"), "below_zero": -1}
    heard = sum(len(words_of(text)) for text in texts)
    return Speech([7] if fault == "number" else said, finish, heard, counts.get(fault, len(said)))


def _streamed(shape: Shape, speech: Speech, fault: str) -> Answered:
    said, ended = shape.events(speech)
    if fault == "error":
        said, ended = [*said[:4], shape.error()], []
    elif fault in {"null", "missing"}:
        held = {shape.holder: None} if fault == "null" else {}
        said, ended = [{**said[0], **held}, {"odd": 1}], []
    elif fault == "unfinished":
        ended = []
    kind, pieces = shape.framed([*said, *ended])
    return Answered(200, kind, pieces, chunked=True)
