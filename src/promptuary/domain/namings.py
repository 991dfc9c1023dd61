"""What a chat model called templates and families, and what was refused of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Refused: TypeAlias = Literal[
    "", "cut", "not_json", "wrong_shape", "other_ids", "left_out", "too_long", "no_name",
    "slot_dropped", "slot_invented", "two_alike", "not_about_it", "dictated", "parted",
]  # fmt: skip
"""Why a model's words were not taken; empty when they were."""


@dataclass(frozen=True, slots=True)
class SlotWording:
    """What a slot is called to people, a word of letters, digits and `_`, and what stands in it."""

    slot: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Wording:
    """What a template or family is called, what it is for, and the same of a template's slots: of
    each one, no two alike."""

    name: str
    description: str
    slots: tuple[SlotWording, ...] = ()


@dataclass(frozen=True, slots=True)
class Naming:
    """What `model` said when it was asked about the cluster or family `own_id`, or about a doubt:
    then the name is `same` or `different`, and the description says why.

    `asked` is a digest of what was asked: the same is not asked twice. With `refused` the words
    were not taken, `detail` says why, and `wording` is None.
    """

    id: str
    collection: str
    own_id: str
    asked: str
    model: str
    created_at: datetime
    wording: Wording | None = None
    refused: Refused = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DoubtfulPair:
    """Two families that may be one: in the share `likeness` of many groupings they are together,
    too seldom to make them one and too often to be sure that they are not.

    `texts` lead each. `said` is "same" or "different" where a model was asked, else empty.
    """

    family_ids: tuple[str, str]
    names: tuple[str, str]
    texts: tuple[tuple[str, ...], tuple[str, ...]]
    likeness: float
    said: str = ""


@dataclass(frozen=True, slots=True)
class DoubtReport:
    """What became of pairs of families that may be one: so many were `merged`, found `different`,
    `refused` (the model's words were not taken), `known` from before or left `waiting`."""

    collection: str
    merged: int = 0
    different: int = 0
    refused: int = 0
    known: int = 0
    waiting: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class NamingReport:
    """What naming did: things newly `named`, those whose words were `refused`, those `known` from
    before, and those `waiting` since no more calls were allowed or the model was away (`stopped`,
    the code of its error). What people renamed is in none of them.

    `calls` were made, each with `prompt_tokens` to read and `completion_tokens` said.
    """

    collection: str
    named: int = 0
    refused: int = 0
    known: int = 0
    waiting: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    stopped: str = ""
