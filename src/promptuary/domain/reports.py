"""What a piece of work did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from promptuary.domain.chats import BudgetUse, ChatTotals
from promptuary.domain.found import Found
from promptuary.domain.moves import Move
from promptuary.domain.progress import Progress as Progress  # noqa: PLC0414  # known from here
from promptuary.domain.progress import Told as Told  # noqa: PLC0414  # known from here
from promptuary.domain.progress import silent as silent  # noqa: PLC0414  # known from here
from promptuary.domain.prompts import Prompt
from promptuary.domain.templates import Placement


@dataclass(frozen=True, slots=True)
class RejectedItem:
    """One item that was not accepted. `position` counts from 1 (a line of a file, an item of a
    batch); `prompt_id` is set when it was kept aside (moderation)."""

    position: int
    code: str
    reason: str
    categories: tuple[str, ...] = ()
    prompt_id: str | None = None


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did. `rejected` holds the first 1,000 refusals, `rejected_count` all of them.

    `masked` of the accepted texts are kept with placeholders. `first_id` is the id of the first
    prompt that was kept. `placed` and `alone` count the batch's distinct accepted prompts after
    placing (0 and 0 when placing was left to a worker); `job_id` is the placing job.
    """

    batch_id: str
    collection: str
    accepted: int
    duplicates: int
    rejected_count: int
    rejected: tuple[RejectedItem, ...]
    placed: int
    alone: int
    job_id: str | None
    masked: int = 0
    first_id: str | None = None


SourceOutcomeStatus: TypeAlias = Literal[
    "new", "changed", "same", "removed", "failed", "partly", "empty", "skipped"
]


@dataclass(frozen=True, slots=True)
class SourceOutcome:
    """What became of one source. `same`: touched, but its content is as it was. `partly`: some of
    it could not be read. `skipped`: nobody reads its kind. `code` and `reason` say why."""

    name: str
    status: SourceOutcomeStatus
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did, or with `dry_run` would do. `unchanged` sources were not even opened.

    `counts` are of outcomes by their status, `outcomes` the first 1,000 of them. `passages` are
    those that came or went.
    """

    collection: str
    root: str
    dry_run: bool
    unchanged: int
    counts: Mapping[str, int]
    outcomes: tuple[SourceOutcome, ...]
    passages: int

    @property
    def failed(self) -> int:
        """Sources of which nothing, or not everything, could be read."""
        return self.counts.get("failed", 0) + self.counts.get("partly", 0)


@dataclass(frozen=True, slots=True)
class PlacedPrompt:
    """A prompt with its placement (None: it stands alone, or waits), its family (by itself, or its
    template's) and whether it is waiting."""

    prompt: Prompt
    placement: Placement | None
    family_id: str | None
    waiting: bool


@dataclass(frozen=True, slots=True)
class PlacementRow:
    """One line of the placements export: one a sent prompt, in order of arrival."""

    id: str
    prompt_id: str
    cluster_id: str | None
    template: str | None
    slots: Mapping[str, str]
    family_cluster: str | None
    residual: str | None
    confidence: float | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """A page of hits. `partial` says why answers may be incomplete (an index being rebuilt)."""

    hits: tuple[Found, ...]
    next_cursor: str | None
    facets: Mapping[str, Mapping[str | bool | int, int]]
    partial: str | None
    took_ms: float


@dataclass(frozen=True, slots=True)
class TemplateDiff:
    """How two template versions differ. `lines` is a unified word diff: (`=`, `-` or `+`, text);
    `moved_prompts` counts the prompts that stand under the second version."""

    from_template_id: str
    to_template_id: str
    from_version: str
    to_version: str
    lines: tuple[tuple[str, str], ...]
    slots_added: tuple[str, ...]
    slots_removed: tuple[str, ...]
    moved_prompts: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What there is and what waits, in numbers.

    `clusters` live; `clusters_created` and `templates_extracted` (every version) count all that the
    record ever saw. `index_lag_seconds`: for how long the index has been behind the record.
    `cache_hits` and `cache_misses`: embeddings found and not found since this process began;
    `chats`: calls of chat models since then; `budgets`: how far budgets for them are used;
    `moves`: the newest move between stores.
    """

    clusters: int
    clusters_created: int
    templates_extracted: int
    waiting_jobs: int
    index_lag_seconds: float
    cache_hits: int
    cache_misses: int
    chats: tuple[ChatTotals, ...] = ()
    budgets: tuple[BudgetUse, ...] = ()
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class PartHealth:
    """One dependency: `ok`, `degraded` (works with less) or `down`, and what to do about it."""

    name: str
    state: str
    detail: str
    took_ms: float


@dataclass(frozen=True, slots=True)
class Health:
    """The whole: `healthy`, `degraded` or `unhealthy`."""

    status: str
    version: str
    parts: tuple[PartHealth, ...]
