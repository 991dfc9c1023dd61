"""Chats: what is said to a model that words replies, what it says, and what that cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Role: TypeAlias = Literal["system", "user", "assistant"]
Finish: TypeAlias = Literal["stop", "length", "filtered"]
"""Why a reply ends: it was said, the room for it was used up, the provider withheld the rest."""
PingState: TypeAlias = Literal["connected", "not configured", "failed"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. Instructions of the application are `system`."""

    role: Role
    content: str


SECONDS = 60.0
"""How long a reply may take where nobody says."""


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """How to reply. `max_tokens` bounds the reply; None leaves it to the model.

    `temperature` None leaves it to the model, as some take no other. No call outlasts `seconds`, a
    stream included; None: the time that is usual for the model, SECONDS where nobody says.
    `tenant` is who pays, where budgets are kept.
    """

    max_tokens: int | None = None
    temperature: float | None = 0.0
    stop: tuple[str, ...] = ()
    seconds: float | None = None
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of the messages and of the reply, and the cost in US dollars.

    `cost` is None where the price is not known. `estimated`: the provider did not say how many
    tokens it took, so they are counted by a rule of thumb, on the high side.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    estimated: bool = False

    def __add__(self, other: Usage) -> Usage:
        """Of both together; an unknown cost makes the sum unknown."""
        known = self.cost is not None and other.cost is not None
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            (self.cost or 0.0) + (other.cost or 0.0) if known else None,
            self.estimated or other.estimated,
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said. `model` is who said it, as `provider/model`."""

    text: str
    model: str
    usage: Usage
    finish: Finish = "stop"


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of a reply that is streamed.

    The last piece alone says how the reply ended: only it has `finish` and `usage`. `model` is who
    speaks, the same in every piece.
    """

    text: str
    model: str
    usage: Usage | None = None
    finish: Finish | None = None


@dataclass(frozen=True, slots=True)
class ChatUse:
    """One call that is over: who was asked, what it took, how long, and the code of its error."""

    model: str
    usage: Usage
    seconds: float
    failure: str = ""


@dataclass(frozen=True, slots=True)
class ProviderHealth:
    """What became of asking a provider for next to nothing: `connected`, `not configured` (no key,
    or no model named), or `failed`, and why."""

    provider: str
    model: str
    state: PingState
    detail: str
    took_ms: float


@dataclass(frozen=True, slots=True)
class ChatTotals:
    """All calls of one model since this process began. `up`: whether the last one was replied to.

    `cost` is in US dollars, of those calls whose price is known.
    """

    provider: str
    model: str
    calls: int
    failures: int
    prompt_tokens: int
    completion_tokens: int
    cost: float
    up: bool


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """Of a tenant's budget of a `day` or `month` (of `micros` of a dollar, `tokens` or `requests`)
    the share that was spent or set aside when it was last asked, and whether that is `near`."""

    tenant: str
    span: str
    kind: str
    share: float
    near: bool


ALIVE: tuple[Message, ...] = (Message("user", "Say: yes"),)
"""The shortest question that shows whether anybody answers."""
