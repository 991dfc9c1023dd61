"""What came of an import or an export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from promptuary.domain.library import PromptHistory


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Something that has no field on the other side: `where` names the prompt or place in the file,
    `field` what of it, `why` what became of it."""

    where: str
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What was read from a file: prompts in its order, and what could not be mapped."""

    histories: tuple[PromptHistory, ...]
    unmapped: tuple[Unmapped, ...] = ()


@dataclass(frozen=True, slots=True)
class Exported:
    """A file, and what of the prompts its format cannot say."""

    data: bytes
    unmapped: tuple[Unmapped, ...] = ()


OutcomeStatus: TypeAlias = Literal["new", "changed", "same", "conflict", "failed"]


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What became of one prompt of a file. `same`: the library has all its versions already.
    `conflict`: it has another prompt of that slug. `code` and `reason` say why it was not taken."""

    slug: str
    status: OutcomeStatus
    versions: int
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with `dry_run` would do, and what of the file could not be mapped."""

    format: str
    dry_run: bool
    outcomes: tuple[ImportOutcome, ...]
    unmapped: tuple[Unmapped, ...]

    @property
    def refused(self) -> int:
        """Prompts that were not taken."""
        return sum(each.status in ("conflict", "failed") for each in self.outcomes)
