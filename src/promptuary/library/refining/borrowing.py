"""What highly rated neighbours lend: the wording of a role; all else is only suggested.

Nothing is borrowed that could be a fact of somebody else's: no number, name, address, quotation or
slot.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import sqrt

from promptuary.domain.refining import Borrowed, Neighbour, Section, Suggestion
from promptuary.library.refining.arranging import Arranged, arrange
from promptuary.library.refining.blocks import blocks, sentences
from promptuary.library.refining.slots import SLOT, with_slots
from promptuary.library.refining.spans import spans
from promptuary.library.refining.wording import ours
from promptuary.retrieval.function_words import FUNCTION_WORDS
from promptuary.retrieval.stems import stem
from promptuary.retrieval.words import terms

ALIKE, WELL_LIKED = 0.55, 3.5
"""From how alike and how well rated on a neighbour lends."""
MOST_SUGGESTED, LONGEST = 4, 300
_CAUTION = 1.0
_SUGGESTED: tuple[Section, ...] = ("constraints", "output", "examples")
_ELSEWHERE: tuple[Section, ...] = ("task", "context", "check")
_ASKS = re.compile(
    r"\b(?:must|should|shall|needs? to|ha(?:s|ve) to|never|always|avoid|ensure|make sure|do not"
    r"|don't|only|at (?:least|most)|no more than|include|provide|use|keep|focus|follow)\b",
    re.IGNORECASE,
)
"""What a sentence says that asks for something, in English: of other languages lists are read."""
_BULLET = re.compile(r"^(?:[-*•]+|\d{1,2}[.)])\s+")


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


def suggestions(
    arranged: Arranged, neighbours: Sequence[Neighbour], *, most: int | None = MOST_SUGGESTED
) -> tuple[Suggestion, ...]:
    """Constraints, forms of output, examples and other points of neighbours that this prompt does
    not have: what several of them speak of goes first, and at most so many are given."""
    have = set(terms(arranged.written))
    found: dict[str, Suggestion] = {}
    words: dict[str, frozenset[str]] = {}
    spoken: Counter[str] = Counter()
    for each in neighbours:
        spoken.update({stem(term) for term in terms(each.text)})
        for section, line in _points(arrange(with_slots(each.text))):
            said = set(terms(line))
            key = " ".join(line.split()).casefold()
            if said and key not in found and len(said & have) <= 0.6 * len(said):
                found[key] = Suggestion(section, line, replace(each.origin, part=section))
                words[key] = frozenset(stem(term) for term in said - FUNCTION_WORDS)

    def shared(key: str) -> float:
        """How many of the neighbours say its words, on average."""
        return sum(spoken[word] for word in words[key]) / max(1, len(words[key]))

    order = sorted(found, key=lambda key: (-round(shared(key), 1), _rank(found[key])))
    return tuple(found[key] for key in order[:most])


def _rank(suggestion: Suggestion) -> int:
    return _SUGGESTED.index(suggestion.section) if suggestion.section in _SUGGESTED else 9


def _points(theirs: Arranged) -> Iterator[tuple[Section, str]]:
    """What may be lent of a prompt: every statement of its constraints, output and examples, and
    elsewhere the lines of lists and sentences that ask for something."""
    for section in _SUGGESTED:
        yield from ((section, line) for line in _statements(theirs.body(section)))
    for section in _ELSEWHERE:
        for line in _statements(theirs.body(section), asking=True):
            yield "constraints", line


def _statements(body: str, *, asking: bool = False) -> Iterator[str]:
    """Its sentences and lines of lists; `asking`: of sentences those that ask for something."""
    for block in blocks(body):
        if block.kind in {"code", "heading"}:
            continue
        listed = block.kind == "list"
        for line in block.text.split("\n") if listed else sentences(block.text):
            said = _BULLET.sub("", line.strip()).strip()
            if asking and not listed and not _ASKS.search(said):
                continue
            if 12 <= len(said) <= LONGEST and f"- {said}" not in ours():
                yield said


def _own_facts(text: str) -> bool:
    if SLOT.search(text):
        return True
    return any(span.kind != "name" or not _common(span.text) for span in spans(text))


def _common(name: str) -> bool:
    """An acronym or an adjective of a language is part of a profession, not somebody's name."""
    return (name.isupper() and name.isalpha() and len(name) <= 5) or name == "I"
