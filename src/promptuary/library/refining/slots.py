"""Places that an author left open, in whatever way, as slots with a name and a type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from promptuary.domain.library import DeclaredSlot
from promptuary.domain.templates import SlotType
from promptuary.library.refining.spans import literal
from promptuary.library.refining.wording import told

LONGEST_NAME = 48
QUICK_NOTE = 1_500
"""In a longer text brackets more often mark levels and labels: `[CRITICAL]`."""
SLOT = re.compile(r"\{\{\s{0,4}([^\W\d]\w{0,63})\s{0,4}\}\}")
"""A slot as it is written in a prompt that is in order."""
_OPEN = re.compile(
    r"(?<![\w\]\\])\[(?P<square>[^\W\d_][\w '\-]{0,46}\w)\](?![\[(:\w])"
    r"|<(?P<angle>[^\W\d_][\w \-]{0,46}\w)>(?!\w)"
    r"|\$\{(?P<dollar>[^\W\d]\w{0,47})(?::[^{}\n]{0,100})?\}"
    r"|(?<![{$\\\w])\{(?P<curly>[^\W\d]\w{0,47})\}(?![}\w])"
)
_BLADES = re.compile(r"\{\{|\{%|\{#")


def with_slots(text: str) -> str:
    """The text with `[your name]`, `<topic>`, `{topic}` and `${topic}` written as `{{slots}}`.

    What stands in code, an address or a quotation stays, as does what may be meant literally.
    """
    closed = frozenset(re.findall(r"</([^\W\d_][\w \-]{0,47})>", text))
    strict = _BLADES.search(text) is not None  # single braces mean something else here
    long = len(text) > QUICK_NOTE
    pieces: list[str] = []
    end = 0
    for start, stop in _outside(text):
        pieces.append(text[end:start])
        pieces.append(
            _OPEN.sub(lambda hit: _slot(hit, closed, strict=strict, long=long), text[start:stop])
        )
        end = stop
    return "".join([*pieces, text[end:]])


def declared(text: str) -> tuple[DeclaredSlot, ...]:
    """The slots of a text that is in order, by their first place in it; code included."""
    names = dict.fromkeys(SLOT.findall(text))
    return tuple(DeclaredSlot(name, slot_type(name)) for name in names)


def slot_type(name: str) -> SlotType:
    """What a slot of that name most likely takes."""
    parts = set(name.casefold().split("_"))
    kinds: Mapping[SlotType, list[str]] = told("cues")["slot_types"]
    for kind, words in kinds.items():
        if parts & set(words):
            return kind
    return "text"


def _outside(text: str) -> Iterator[tuple[int, int]]:
    """The stretches of a text in which an open place is one."""
    end = 0
    for start, stop in literal(text):
        yield end, start
        end = stop
    yield end, len(text)


def _slot(hit: re.Match[str], closed: frozenset[str], *, strict: bool, long: bool) -> str:
    way = hit.lastgroup or ""
    said: str = hit[way]
    meant = {
        "square": lambda: _is_open(said, long=long),
        "angle": lambda: said not in closed and _is_tag_like(said, long=long),
        "dollar": lambda: not strict,
        "curly": lambda: not strict,
    }[way]()
    name = _name(said)
    return f"{{{{{name}}}}}" if meant and name else hit[0]


def _is_tag_like(said: str, *, long: bool) -> bool:
    """Whether angle brackets hold a name to be filled in, and no element of a document."""
    if said.casefold() in _literal("html"):
        return False
    return not long or " " in said or "_" in said


def _is_open(said: str, *, long: bool) -> bool:
    """Whether square brackets say that something is to be filled in, and are no remark."""
    words = said.casefold().replace("_", " ").split()
    if said.casefold() in _literal("not_slots") or len(words) > 5:
        return False
    if any(word[0].isdigit() for word in words):
        return False
    return words[0] in _literal("slot_starts") or (not long and len(words) <= 3)


def _name(said: str) -> str:
    """`Insert Company Name` as `company_name`."""
    words = [word for word in re.split(r"[\W_]+", said.casefold()) if word]
    fillers = {"insert", "enter", "your", "my", "the", "a", "an", "add", "put", "paste", "specify"}
    while len(words) > 1 and words[0] in fillers:
        words = words[1:]
    name = "_".join(words)[:LONGEST_NAME].strip("_")
    return name if re.fullmatch(r"[^\W\d]\w*", name) else ""


def _literal(name: str) -> frozenset[str]:
    return frozenset(told("cues")[name])
