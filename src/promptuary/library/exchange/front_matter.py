"""Files that begin with YAML between two lines of `---`, and go on with a template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from promptuary.domain.plain import Json
from promptuary.library.exchange import yaml_text
from promptuary.library.exchange.pieces import Cut

_FRONT = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)

_OPEN = re.compile(r"\ufeff?---[ \t]*(?:\r?\n|\Z)")


@dataclass(frozen=True, slots=True)
class Page:
    """`head` is the front matter with its fences as it stood, `front` what it says, `body` the
    rest."""

    head: str
    front: dict[str, Json]
    body: str


def page_of(text: str) -> Page:
    """The parts of a file; one without front matter is all body. Raises ValueError."""
    found = _FRONT.match(text)
    if found is None:
        if _OPEN.match(text):
            raise ValueError("its front matter has no closing line of ---")
        return Page("", {}, text)
    front = yaml_text.loads(found[1])
    if front is not None and not isinstance(front, dict):
        raise ValueError("its front matter is no mapping")
    return Page(found[0], front or {}, text[found.end() :])


def said(front: dict[str, Json], body: str) -> str:
    """A file of these parts; a template that would read as front matter gets an empty one."""
    if front or _OPEN.match(body):
        return f"---\n{yaml_text.dumps(front) if front else ''}---\n{body}"
    return body


def alone(text: str) -> Cut:
    """The whole file as one piece. Raises ValueError when nothing is in it."""
    if not text.strip():
        raise ValueError("it is empty")
    return Cut.at(text, [(0, len(text))])


def only(pieces: Sequence[str], context: str = "") -> str:  # noqa: ARG001 - needs none
    """The one piece, as a file."""
    return "".join(pieces)
