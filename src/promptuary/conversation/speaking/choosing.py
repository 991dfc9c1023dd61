"""A chat model chooses what is asked for, where our grammar does not see it.

It chooses an operation and labels, out of those there are. Cameras, people, zones, times and
numbers stay those that stand in the question: a model adds none and takes none away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

from promptuary.conversation.planning.plan import chosen
from promptuary.conversation.speaking import wording
from promptuary.conversation.speaking.worded import SECONDS
from promptuary.domain.chats import ChatOptions, Message
from promptuary.domain.conversations import Operation, Plan, Unclear
from promptuary.domain.errors import PromptuaryError
from promptuary.domain.events import Site
from promptuary.ports.chat_model import ChatModel

TOKENS = 100


async def choose(
    chat: ChatModel, question: str, site: Site, now: datetime, zone: ZoneInfo, *, tenant: str = ""
) -> Plan | None:
    """A plan for a question that was not understood; None where the model is away, says that there
    is none, or names what does not exist. Raises nothing."""
    messages = [
        Message("system", wording.CHOOSE),
        Message("user", wording.choose_for(question, site)),
    ]
    options = ChatOptions(max_tokens=TOKENS, temperature=0.0, seconds=SECONDS, tenant=tenant)
    try:
        said = await chat.reply(messages, options=options)
        row = json.loads(said.text.strip().removeprefix("```json").strip("`\n "))
    except (PromptuaryError, ValueError, RecursionError):
        return None
    operation, labels = _read(row, site)
    if operation is None:
        return None
    made = chosen(question, site, now, zone, operation, labels)
    return None if isinstance(made, Unclear) else made


def _read(row: object, site: Site) -> tuple[Operation | None, tuple[str, ...]]:
    if not isinstance(row, Mapping):
        return None, ()
    given: Mapping[str, Any] = row
    operation: Operation | None = next(
        (each for each in get_args(Operation) if each == given.get("operation")), None
    )
    labels = given.get("labels", [])
    if not isinstance(labels, list) or any(each not in site.labels for each in labels):
        return None, ()
    return operation, tuple(dict.fromkeys(labels))
