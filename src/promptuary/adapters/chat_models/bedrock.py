"""`bedrock:anthropic.claude-3-haiku-20240307-v1:0` a model that Amazon Bedrock serves.

Extra: `remote`. Let in by `AWS_BEARER_TOKEN_BEDROCK`, or by the credentials of AWS's tools, whose
requests are signed; `AWS_REGION` says where, `BEDROCK_BASE_URL` names another host.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from promptuary.adapters._remote import aws
from promptuary.adapters._remote.frames import frames
from promptuary.adapters._remote.keys import variable
from promptuary.adapters.chat_models._remote.address import model_of
from promptuary.adapters.chat_models._remote.dialect import (
    Asking,
    Json,
    Said,
    count_of,
    raise_told,
    refuse_shape,
    text_of,
    within,
)
from promptuary.adapters.chat_models._remote.model import RemoteChatModel, Sign, bearer
from promptuary.domain.chats import ChatOptions, Finish, Message

_FINISHES: Mapping[str, Finish] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "guardrail_intervened": "filtered",
    "content_filtered": "filtered",
}


def connect(url: str) -> RemoteChatModel:
    """Asks nobody yet. Raises Misconfigured without credentials or a region."""
    model = model_of(url)
    base = variable("BEDROCK_BASE_URL") or f"https://bedrock-runtime.{aws.region()}.amazonaws.com"
    key = variable("AWS_BEARER_TOKEN_BEDROCK")
    sign = bearer(key) if key else _signing()
    shape = BedrockShape(base.rstrip("/"), model)
    return RemoteChatModel(f"bedrock/{model}", shape, sign, framing=_events)


def _signing() -> Sign:
    where = aws.region()
    aws.credentials()  # says at once that there are none

    async def sign(url: str, body: bytes) -> Mapping[str, str]:
        # Read anew: credentials that are lent are replaced while we run.
        who, now = aws.credentials(), datetime.now(UTC)
        return aws.signed(url, body, who=who, where=where, service="bedrock", now=now)

    return sign


@dataclass(frozen=True, slots=True)
class BedrockShape:
    """The Converse API, the same for every model."""

    base: str
    model: str

    def ask(self, messages: Sequence[Message], options: ChatOptions, *, stream: bool) -> Asking:
        """As the protocol says."""
        turns = [
            {"role": each.role, "content": [{"text": each.content}]}
            for each in messages
            if each.role != "system"
        ]
        body: dict[str, Any] = {"messages": turns, "inferenceConfig": _config(options)}
        if system := [{"text": each.content} for each in messages if each.role == "system"]:
            body["system"] = system
        verb = "converse-stream" if stream else "converse"
        return Asking(f"{self.base}/model/{quote(self.model, safe='')}/{verb}", body)

    def whole(self, given: Json) -> Said:
        """As the protocol says."""
        blocks = within(given, "output", "message", "content")
        if not isinstance(blocks, list):
            refuse_shape(given, "output")
        text = "".join(text_of(within(block, "text")) for block in blocks)
        return _said(text, given.get("stopReason"), given.get("usage"))

    def piece(self, given: Json) -> Said:
        """As the protocol says; `type` is the kind of the event."""
        event = given.get("event")
        match given.get("type"):
            case "contentBlockDelta":
                return Said(text_of(within(event, "delta", "text")))
            case "messageStop":
                return _said("", within(event, "stopReason"), None)
            case "metadata":
                return _said("", None, within(event, "usage"))
            case str(kind) if kind.endswith("Exception"):
                raise_told({"type": kind, "message": within(event, "message")})
        return Said()


async def _events(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Each frame as the JSON object {"type": ..., "event": ...}."""
    async for frame in frames(chunks):
        kind = frame.headers.get(":event-type") or frame.headers.get(":exception-type") or "error"
        yield b'{"type": "%b", "event": %b}' % (kind.encode(), frame.payload or b"null")


def _config(options: ChatOptions) -> Json:
    asked = {
        "maxTokens": options.max_tokens,
        "temperature": options.temperature,
        "stopSequences": list(options.stop) or None,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _said(text: str, stop: object, usage: object) -> Said:
    return Said(
        text,
        _FINISHES.get(str(stop), "stop") if stop else None,
        count_of(within(usage, "inputTokens")),
        count_of(within(usage, "outputTokens")),
    )
