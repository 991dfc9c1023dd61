"""What highly rated neighbours lend: the wording of a role; all else is only suggested.

Nothing is borrowed that could be a fact of somebody else's: no number, name, address, quotation or
slot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import sqrt

from promptuary.domain.refining import Borrowed, Neighbour, Section, Suggestion
from promptuary.library.refining.arranging import Arranged, arrange
from promptuary.library.refining.blocks import blocks, sentences
from promptuary.library.refining.slots import SLOT, with_slots
from promptuary.library.refining.spans import spans
from promptuary.library.refining.wording import ours
from promptuary.retrieval.words import terms

ALIKE, WELL_LIKED = 0.55, 3.5
"""From how alike and how well rated on a neighbour lends."""
MOST_SUGGESTED, LONGEST = 4, 300
_CAUTION = 1.0
_SUGGESTED: tuple[Section, ...] = ("constraints", "output", "examples")


def trusted(neighbours: Iterable[Neighbour]) -> list[Neighbour]:
    """Those that may lend, best first."""
    able = [each for each in neighbours if each.likeness >= ALIKE and standing(each) >= WELL_LIKED]
    return sorted(able, key=lambda each: -each.likeness * standing(each))


def standing(neighbour: Neighbour) -> float:
    """Its rating less what few ratings leave open; 0 for one that nobody rated."""
    if neighbour.rating is None or not neighbour.ratings:
        return 0.0
    return neighbour.rating - _CAUTION / sqrt(neighbour.ratings)


def borrowed_role(neighbours: Sequence[Neighbour]) -> Borrowed | None:
    """Who is to answer, as the best neighbour that says so words it, without facts of its own."""
    for each in neighbours:
        role = arrange(with_slots(each.text)).body("role")
        first = sentences(role)[0].strip() if role else ""
        if first and len(first) <= LONGEST and "\n" not in first and not _own_facts(first):
            return Borrowed(first, replace(each.origin, part="role"))
    return None


def suggestions(arranged: Arranged, neighbours: Sequence[Neighbour]) -> tuple[Suggestion, ...]:
    """Constraints, forms of output and examples of neighbours that this prompt does not have."""
    have = set(terms(arranged.written))
    found: dict[str, Suggestion] = {}
    for each in neighbours:
        theirs = arrange(with_slots(each.text))
        for section in _SUGGESTED:
            for line in _statements(theirs.body(section)):
                said = set(terms(line))
                if said and len(said & have) <= 0.6 * len(said):
                    lent = Suggestion(section, line, replace(each.origin, part=section))
                    found.setdefault(line.casefold(), lent)
    return tuple(found.values())[:MOST_SUGGESTED]


def _statements(body: str) -> Iterator[str]:
    for block in blocks(body):
        if block.kind in {"code", "heading"}:
            continue
        lines = block.text.split("\n") if block.kind == "list" else sentences(block.text)
        for line in lines:
            said = line.strip().lstrip("-*• ").strip()
            if 12 <= len(said) <= LONGEST and f"- {said}" not in ours():
                yield said


def _own_facts(text: str) -> bool:
    if SLOT.search(text):
        return True
    return any(span.kind != "name" or not _common(span.text) for span in spans(text))


def _common(name: str) -> bool:
    """An acronym or an adjective of a language is part of a profession, not somebody's name."""
    return (name.isupper() and name.isalpha() and len(name) <= 5) or name == "I"
