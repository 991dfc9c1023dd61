"""What a format is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from promptuary.domain.library import PromptContent
from promptuary.library.exchange.pieces import Cut

MOST_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Draft:
    """One version of a prompt as a file says it. What is None or empty the file does not say.

    `notes` are what could not be mapped: field and why.
    """

    name: str
    content: PromptContent
    number: int | None = None
    labels: tuple[str, ...] = ()
    message: str = ""
    author: str = ""
    created_at: datetime | None = None
    title: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    newest: bool = False
    notes: tuple[tuple[str, str], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Old:
    """A piece as it stood, and the context it stood in."""

    raw: str
    context: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A format. `says` names the fields of a draft (see `writing.FIELDS`) that it can express.

    `understand` gives None for a piece that is no prompt and raises ValueError for one that is
    broken; `say` writes a piece: `old` as it stood, with what is in `changed` said anew; `join`
    makes a file of pieces. All three are given the `context` that the file was cut with, which is
    the form's own for a new file. A form that is `single` holds one prompt a file, one that is not
    `versioned` one version of each; of equal pieces one that is `distinct` takes the first.
    A file of more than `most_bytes` is not looked at.
    """

    name: str
    title: str
    suffix: str
    says: frozenset[str]
    cut: Callable[[str], Cut]
    understand: Callable[[str, str], Draft | None]
    say: Callable[[Draft, Old | None, frozenset[str]], str]
    join: Callable[[Sequence[str], str], str]
    context: str = ""
    versioned: bool = False
    single: bool = False
    distinct: bool = False
    most_bytes: int = MOST_BYTES
