"""The names of kept prompts in addresses.

A slug is made of parts with `/` between, such as `support/refund-reply`: the parts before the last
are its folder. A part is made of letters in lower case and digits of any script, and of `-`, `_`
and `.` between them. So a slug is never a path that leads elsewhere, and means the same in a URL, a
file system and a command line.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from promptuary.domain.errors import InvalidInput

LONGEST: Final = 200
RESERVED: Final = frozenset({
    "about", "archive", "audit", "branches", "diff", "experiment", "history", "labels", "merge",
    "promotion", "ratings", "recommend", "refine", "render", "restore", "similar", "slots", "usage",
    "versions",
})  # fmt: skip
"""What follows a slug in addresses, and so cannot be its last part."""
_BREAKS = re.compile(r"[ -]+|_{2,}|\.{2,}")
_DASHES = re.compile("-{2,}")
"""Two breaks side by side, such as two underscores and a space, are one."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def checked_slug(text: str) -> str:
    """The slug, if it is one. Raises InvalidInput that says what would be one."""
    if not text or slug_of(text) != text:
        hint = f"; try {slug_of(text)!r}" if text.strip() else ""
        message = (
            f"{text[:80]!r} is no slug: letters in lower case, digits, and - _ . between them, "
            f"in parts with / between{hint}"
        )
        raise InvalidInput(message, fields={"slug": "is no slug"})
    return text


def slug_of(name: str) -> str:
    """The slug that comes nearest to any name; a slug is its own. `🚀 Plan` becomes `rocket-plan`.

    Two names may give one slug. A name without a letter or digit gives `prompt`.
    """
    spelt = "".join(map(_spelt, unicodedata.normalize("NFKC", name[: 4 * LONGEST]).lower()))
    parts = [_part(part) for part in unicodedata.normalize("NFKC", spelt).lower().split("/")]
    slug = "/".join(part for part in parts if part)[:LONGEST].rstrip("/-_.") or "prompt"
    return f"{slug}-prompt" if slug.rpartition("/")[2] in RESERVED else slug


def folder_of(slug: str) -> str:
    """The parts of a slug before its last, `` when there is only one."""
    return slug.rpartition("/")[0]


def checked_name(what: str, text: str) -> str:
    """The name of a label or branch, if it is one. Raises InvalidInput."""
    if not _NAME.fullmatch(text):
        message = f"a {what} is named in small letters and digits with - _ . between: {text[:80]!r}"
        raise InvalidInput(message, fields={what: "is no name"})
    return text


def _part(text: str) -> str:
    text = _DASHES.sub("-", _BREAKS.sub("-", text)).strip("-_.")
    while text and unicodedata.category(text[0])[0] == "M":  # it would sit on the slash before it
        text = text[1:].lstrip("-_.")
    return text


def _spelt(character: str) -> str:
    """Symbols (emoji among them) by their name; what is neither letter nor digit as a break."""
    kind = unicodedata.category(character)
    if kind == "So":
        return f" {unicodedata.name(character, '').lower()} "
    return character if kind[0] in "LMN" or character in "/._-" else " "
