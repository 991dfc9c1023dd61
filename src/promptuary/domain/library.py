"""The prompt library: prompts that are kept, their versions, and the labels that point at them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal, TypeAlias
from uuid import UUID, uuid5

from promptuary.domain.templates import SlotType

Syntax: TypeAlias = Literal["jinja", "mustache", "fstring", "plain"]
"""How a text marks its slots; `plain` has none, whatever braces stand in it."""
Domain: TypeAlias = Literal["architecture", "development", "infrastructure", "security", "general"]
Expertise: TypeAlias = Literal["beginner", "intermediate", "expert"]
OutputFormat: TypeAlias = Literal["simple", "detailed", "tutorial", "checklist"]
Role: TypeAlias = Literal["system", "developer", "user", "assistant", "tool"]
Action: TypeAlias = Literal[
    "created", "saved", "described", "labelled", "unlabelled", "branched", "merged", "archived",
    "restored", "imported", "adopted", "tried", "judged", "stopped",
]  # fmt: skip
"""What the audit trail tells of."""
LATEST = "latest"
"""The label that always is the newest version on `MAIN`; nobody moves it."""
MAIN = "main"
_PROMPTS = UUID("1f6d0e58-9a53-4c58-8a41-6a1d5f0c7b1e")


@dataclass(frozen=True, slots=True)
class DeclaredSlot:
    """What may be filled in: `choices` closes the set, `minimum` and `maximum` bound a number.

    The value of a `sensitive` slot is never kept or logged. A slot that is not `required` and has
    no `default` is filled with nothing.
    """

    name: str
    type: SlotType = "text"
    required: bool = True
    default: str | None = None
    description: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    sensitive: bool = False
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """One message of a chat prompt. A turn with a `placeholder` stands for a list of messages that
    the caller gives under that name, and has no content."""

    role: Role
    content: str
    placeholder: str | None = None


@dataclass(frozen=True, slots=True)
class PromptContent:
    """What a version says: either `text` (a text prompt) or `turns` (a chat prompt), never both.

    `lazy_text` is what its author wrote before it was refined. `config` is JSON as its author gave
    it: model, temperature, tools.
    """

    text: str = ""
    turns: tuple[ChatTurn, ...] = ()
    syntax: Syntax = "jinja"
    slots: tuple[DeclaredSlot, ...] = ()
    lazy_text: str | None = None
    config: str = "{}"

    @property
    def kind(self) -> Literal["text", "chat"]:
        """Whether it is one text or a list of messages."""
        return "chat" if self.turns else "text"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something came from: `kind` says what `id` names (a template of `canon`, a file, a
    prompt of another store), `part` which piece of this was taken from it."""

    kind: str
    id: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class PromptVersion:
    """Immutable. `id` is the SHA-256 of its content and parents: who has the id knows the text.

    `number` counts the versions of a prompt in the order of their arrival, from 1. `parents` are
    ids: none for a first version, two for a merge.
    """

    id: str
    prompt_id: str
    number: int
    branch: str
    content: PromptContent
    parents: tuple[str, ...]
    message: str
    author: str
    created_at: datetime
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """A name that points at a version and can be moved; `latest` always is the newest on `main`.

    Moving a `protected` one takes a scope of its own.
    """

    name: str
    version_id: str
    protected: bool
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True)
class About:
    """What is said about a prompt, and may be changed without a new version."""

    title: str
    description: str = ""
    folder: str = ""
    tags: tuple[str, ...] = ()
    domain: Domain = "general"
    expertise_level: Expertise = "intermediate"
    detected_topics: tuple[str, ...] = ()
    topic_details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LibraryPrompt:
    """A prompt that is kept. `slug` is its name in addresses, unique among those of a tenant.

    `revision` rises with every change of anything of it, for optimistic concurrency.
    `average_rating` is None until somebody rated. An unknown past (a source that kept no dates or
    counts) stands in `unknown` by field name.
    """

    id: str
    slug: str
    about: About
    revision: int
    versions: int
    latest: str
    usage_count: int
    ratings: int
    average_rating: float | None
    archived: bool
    created_at: datetime
    updated_at: datetime
    tenant: str = ""
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rating:
    """What somebody thought of a version, 1 (bad) to 5 (good)."""

    version_id: str
    stars: int
    comment: str
    author: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Carried:
    """What an exchange format says of a prompt that we have no field for: kept as JSON under the
    format's name, and given back when it is written in that format again."""

    format: str
    extras: str


@dataclass(frozen=True, slots=True)
class PromptHistory:
    """Everything of one prompt, as it is exported and imported. Versions in order of number."""

    prompt: LibraryPrompt
    versions: tuple[PromptVersion, ...]
    labels: tuple[Label, ...] = ()
    branches: Mapping[str, str] = field(default_factory=dict)
    ratings: tuple[Rating, ...] = ()
    carried: tuple[Carried, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptPrompt:
    """A prompt with one of its versions, and every label it has, `latest` among them.

    `stale_since` is None, but for what a client remembers of a server that is away: since then
    nobody knows whether it is still so.
    """

    prompt: LibraryPrompt
    version: PromptVersion
    labels: tuple[Label, ...]
    stale_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A version with its slots filled, ready to be sent: `text`, or `turns` of a chat prompt.

    `warnings` name what a reader should know: a value that reads like a marker of roles.
    """

    slug: str
    version_id: str
    number: int
    text: str
    turns: tuple[ChatTurn, ...]
    config: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionDiff:
    """How two versions differ: `lines` as `diff -u` writes them, slots by name."""

    before: PromptVersion
    after: PromptVersion
    lines: tuple[str, ...]
    slots_added: tuple[str, ...]
    slots_removed: tuple[str, ...]
    slots_changed: tuple[str, ...]
    config_changed: bool


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to a prompt, when, and which revision came of it."""

    prompt_id: str
    slug: str
    action: Action
    detail: str
    author: str
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Which prompt stands at which change: who saw it at the same revision, changed at the same
    moment, has seen all of it."""

    id: str
    slug: str
    tenant: str
    revision: int
    archived: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Shadow:
    """A template in the traffic that no kept prompt explains, and how many prompts it explains."""

    lineage_id: str
    name: str
    size: int
    text: str


@dataclass(frozen=True, slots=True)
class Drift:
    """A kept prompt that was adopted from template version `adopted`, while traffic says `now`."""

    slug: str
    number: int
    lineage_id: str
    adopted: str
    now: str
    text: str


@dataclass(frozen=True, slots=True)
class Adoption:
    """How much of the traffic the library explains: `explained` of `total` placed prompts."""

    shadows: tuple[Shadow, ...]
    drifted: tuple[Drift, ...]
    explained: int
    total: int


@dataclass(frozen=True, slots=True)
class UsageDay:
    """How often a user asked for a version on a day (UTC, `2030-01-31`); empty is nobody known."""

    prompt_id: str
    version_id: str
    day: str
    uses: int
    user: str = ""


@dataclass(frozen=True, slots=True)
class SearchMiss:
    """Words that were looked for in the library and found nothing."""

    query: str
    count: int
    first_at: datetime
    last_at: datetime


def library_prompt_id(slug: str, tenant: str = "") -> str:
    """The id of the prompt of that slug: the same wherever it is kept."""
    return str(uuid5(_PROMPTS, ascii(f"{tenant}\0{slug}")))


def version_id(content: PromptContent, parents: tuple[str, ...] = ()) -> str:
    """The id of a version: SHA-256, in hex, of what it says and of the versions it came from.

    Members that are as they are by default do not count, so that new members change no old id.
    """
    said = {"content": _telling(content), "parents": list(parents)}
    return sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _telling(value: object) -> object:
    """A dataclass as a mapping of the members that are not as they are by default."""
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((each, getattr(value, each.name)) for each in fields(value))
        return {e.name: _telling(v) for e, v in pairs if e.default is MISSING or v != e.default}
    return [_telling(each) for each in value] if isinstance(value, tuple) else value
