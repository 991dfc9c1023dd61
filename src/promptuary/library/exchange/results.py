"""What came of an import or an export."""

from __future__ import annotations

from dataclasses import dataclass

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
