"""Fakes: the wire protocols of the providers, in the shapes that their documentation shows."""

from __future__ import annotations

import json
from binascii import crc32
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from struct import pack
from typing import Any, Protocol, TypeAlias

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Speech:
    """What is said: a text a piece (or what stands there instead), why it ends, and the counts."""

    texts: Sequence[Any]
    finish: str
    prompt: Any
    completion: Any

    @property
    def whole(self) -> Any:  # noqa: ANN401 - what stands there may be anything
        """All of it."""
        return "".join(self.texts) if all(isinstance(x, str) for x in self.texts) else self.texts[0]


class Shape(Protocol):
    """One wire protocol. `holder` is the member of a whole reply that holds what is said."""

    holder: str

    def is_asked(self, path: str) -> bool:
        """Whether a path is one of its own."""
        ...

    def is_stream(self, path: str, body: Json) -> bool:
        """Whether a stream is asked for."""
        ...

    def heard(self, body: Json) -> tuple[list[str], int | None]:
        """The texts of all turns, and the room for the reply."""
        ...

    def whole(self, speech: Speech) -> Json:
        """A whole reply."""
        ...

    def events(self, speech: Speech) -> tuple[list[Json], list[Json]]:
        """A stream: what is said, and how it ends."""
        ...

    def error(self) -> Json:
        """An error that comes with status 200."""
        ...

    def framed(self, events: Iterable[Json]) -> tuple[str, tuple[bytes, ...]]:
        """The content type of a stream, and its pieces."""
        ...


class OpenaiTalk:
    """`POST .../chat/completions`."""

    holder = "choices"
    finishes: Mapping[str, str] = {"filtered": "content_filter"}

    def is_asked(self, path: str) -> bool:
        return path.endswith("/chat/completions")

    def is_stream(self, path: str, body: Json) -> bool:  # noqa: ARG002 - others look at the path
        return bool(body.get("stream"))

    def heard(self, body: Json) -> tuple[list[str], int | None]:
        room = body.get("max_completion_tokens", body.get("max_tokens"))
        return [turn["content"] for turn in body["messages"]], room

    def whole(self, speech: Speech) -> Json:
        message = {"role": "assistant", "content": speech.whole or None}
        choice = {"index": 0, "message": message, "finish_reason": self._finish(speech)}
        return {"id": "1", "object": "chat.completion", "choices": [choice], **self._usage(speech)}

    def events(self, speech: Speech) -> tuple[list[Json], list[Json]]:
        begun = self._chunk({"role": "assistant", "content": ""})
        said = [self._chunk({"content": text}) for text in speech.texts]
        ended = self._chunk({}, self._finish(speech))
        counted = {"object": "chat.completion.chunk", "choices": [], **self._usage(speech)}
        return [begun, *said], [ended, counted, {}]

    def error(self) -> Json:
        return {"error": {"message": "as told", "type": "server_error", "code": None}}

    def framed(self, events: Iterable[Json]) -> tuple[str, tuple[bytes, ...]]:
        given = (json.dumps(event) if event else "[DONE]" for event in events)
        return "text/event-stream", tuple(f"data: {each}\n\n".encode() for each in given)

    def _finish(self, speech: Speech) -> str:
        return self.finishes.get(speech.finish, speech.finish)

    def _chunk(self, delta: Json, finish: str | None = None) -> Json:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {"id": "1", "object": "chat.completion.chunk", "choices": [choice], "usage": None}

    def _usage(self, speech: Speech) -> Json:
        counts = {"prompt_tokens": speech.prompt, "completion_tokens": speech.completion}
        return {"usage": counts}


class AnthropicTalk:
    """`POST /v1/messages`."""

    holder = "content"
    finishes: Mapping[str, str] = {
        "stop": "end_turn",
        "length": "max_tokens",
        "filtered": "refusal",
    }

    def is_asked(self, path: str) -> bool:
        return path.endswith("/messages")

    def is_stream(self, path: str, body: Json) -> bool:  # noqa: ARG002 - others look at the path
        return bool(body.get("stream"))

    def heard(self, body: Json) -> tuple[list[str], int | None]:
        assert all(turn["role"] != "system" for turn in body["messages"])
        system = [body["system"]] if "system" in body else []
        return [*system, *(turn["content"] for turn in body["messages"])], body["max_tokens"]

    def whole(self, speech: Speech) -> Json:
        said = [{"type": "text", "text": speech.whole}] if speech.texts else []
        counts = {"input_tokens": speech.prompt, "output_tokens": speech.completion}
        ending = {"stop_reason": self.finishes[speech.finish], "usage": counts}
        return {"id": "1", "type": "message", "role": "assistant", "content": said, **ending}

    def events(self, speech: Speech) -> tuple[list[Json], list[Json]]:
        counts = {"input_tokens": speech.prompt, "output_tokens": 1}
        begun = {"type": "message_start", "message": {"content": [], "usage": counts}}
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text"}}
        deltas = [{"type": "text_delta", "text": text} for text in speech.texts]
        said = [{"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas]
        ended = {
            "type": "message_delta",
            "delta": {"stop_reason": self.finishes[speech.finish]},
            "usage": {"output_tokens": speech.completion},
        }
        stopped = {"type": "content_block_stop", "index": 0}
        return [begun, block, {"type": "ping"}, *said, stopped], [ended, {"type": "message_stop"}]

    def error(self) -> Json:
        return {"type": "error", "error": {"type": "overloaded_error", "message": "as told"}}

    def framed(self, events: Iterable[Json]) -> tuple[str, tuple[bytes, ...]]:
        pieces = (f"event: {each.get('type')}\ndata: {json.dumps(each)}\n\n" for each in events)
        return "text/event-stream", tuple(piece.encode() for piece in pieces)


class GeminiTalk:
    """`POST .../models/NAME:generateContent` and `:streamGenerateContent?alt=sse`."""

    holder = "candidates"
    finishes: Mapping[str, str] = {"stop": "STOP", "length": "MAX_TOKENS", "filtered": "SAFETY"}

    def is_asked(self, path: str) -> bool:
        return "enerateContent" in path

    def is_stream(self, path: str, body: Json) -> bool:  # noqa: ARG002 - others look at the body
        return path.endswith(":streamGenerateContent?alt=sse")

    def heard(self, body: Json) -> tuple[list[str], int | None]:
        turns = [*[body.get("systemInstruction")], *body["contents"]]
        texts = [part["text"] for turn in turns if turn for part in turn["parts"]]
        return texts, body.get("generationConfig", {}).get("maxOutputTokens")

    def whole(self, speech: Speech) -> Json:
        content = {"role": "model", "parts": [{"text": speech.whole}]} if speech.texts else {}
        return self._reply(content, speech, self.finishes[speech.finish])

    def events(self, speech: Speech) -> tuple[list[Json], list[Json]]:
        contents = [{"role": "model", "parts": [{"text": text}]} for text in speech.texts]
        return (
            [self._reply(content, speech, None) for content in contents],
            [self._reply({"parts": [{"text": ""}]}, speech, self.finishes[speech.finish])],
        )

    def error(self) -> Json:
        return {"error": {"code": 503, "message": "as told", "status": "UNAVAILABLE"}}

    def framed(self, events: Iterable[Json]) -> tuple[str, tuple[bytes, ...]]:
        pieces = (f"data: {json.dumps(each)}\r\n\r\n" for each in events)
        return "text/event-stream", tuple(piece.encode() for piece in pieces)

    def _reply(self, content: Json, speech: Speech, finish: str | None) -> Json:
        candidate = {"content": content, "index": 0, **({"finishReason": finish} if finish else {})}
        counts = {"promptTokenCount": speech.prompt, "candidatesTokenCount": speech.completion}
        return {"candidates": [candidate], "usageMetadata": counts, "modelVersion": "fake"}


class BedrockTalk:
    """`POST /model/NAME/converse` and `/converse-stream`."""

    holder = "output"
    finishes: Mapping[str, str] = {
        "stop": "end_turn",
        "length": "max_tokens",
        "filtered": "guardrail_intervened",
    }

    def is_asked(self, path: str) -> bool:
        return path.endswith(("/converse", "/converse-stream"))

    def is_stream(self, path: str, body: Json) -> bool:  # noqa: ARG002 - others look at the body
        return path.endswith("-stream")

    def heard(self, body: Json) -> tuple[list[str], int | None]:
        blocks = [
            *body.get("system", ()),
            *(part for turn in body["messages"] for part in turn["content"]),
        ]
        texts = [block["text"] for block in blocks]
        return texts, body.get("inferenceConfig", {}).get("maxTokens")

    def whole(self, speech: Speech) -> Json:
        said = [{"text": speech.whole}] if speech.texts else []
        message = {"role": "assistant", "content": said}
        ending = {"stopReason": self.finishes[speech.finish], "usage": self._usage(speech)}
        return {"output": {"message": message}, "metrics": {"latencyMs": 1}, **ending}

    def events(self, speech: Speech) -> tuple[list[Json], list[Json]]:
        said = [{"delta": {"text": text}, "contentBlockIndex": 0} for text in speech.texts]
        return (
            [
                {"messageStart": {"role": "assistant"}},
                *({"contentBlockDelta": each} for each in said),
                {"contentBlockStop": {"contentBlockIndex": 0}},
            ],
            [
                {"messageStop": {"stopReason": self.finishes[speech.finish]}},
                {"metadata": {"usage": self._usage(speech), "metrics": {"latencyMs": 1}}},
            ],
        )

    def error(self) -> Json:
        return {"throttlingException": {"message": "as told"}}

    def framed(self, events: Iterable[Json]) -> tuple[str, tuple[bytes, ...]]:
        pieces = (_message(name, each) for event in events for name, each in event.items())
        return "application/vnd.amazon.eventstream", tuple(pieces)

    def _usage(self, speech: Speech) -> Json:
        return {"inputTokens": speech.prompt, "outputTokens": speech.completion}


SHAPES: tuple[Shape, ...] = (OpenaiTalk(), AnthropicTalk(), GeminiTalk(), BedrockTalk())


def _message(name: str, given: Json) -> bytes:
    """One message of an AWS event stream."""
    failed = name.endswith("Exception")
    headers = {
        ":message-type": "exception" if failed else "event",
        ":exception-type" if failed else ":event-type": name,
        ":content-type": "application/json",
    }
    head = b"".join(
        pack("!B", len(key)) + key.encode() + pack("!BH", 7, len(value)) + value.encode()
        for key, value in headers.items()
    )
    payload = json.dumps(given).encode()
    prelude = pack("!II", 16 + len(head) + len(payload), len(head))
    body = prelude + pack("!I", crc32(prelude)) + head + payload
    return body + pack("!I", crc32(body))
