"""What one sentence says, slot by slot, without anything that was said before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from promptuary.conversation.planning import leftovers, names, ranges, slots
from promptuary.conversation.planning.leftovers import Leftovers
from promptuary.conversation.planning.lexicon import Lexicon, language_of, lexicon
from promptuary.conversation.planning.names import Named
from promptuary.conversation.planning.operations import Asked, operation_of
from promptuary.conversation.planning.ranges import Read
from promptuary.conversation.planning.sheet import Sheet
from promptuary.conversation.planning.slots import Slots
from promptuary.domain.conversations import Noticed
from promptuary.domain.events import Site

_TAKEN = ("first_question", "previous_question")
"""References whose words mean nothing else once they are understood."""


@dataclass(frozen=True, slots=True)
class Said:
    """Everything that a sentence says. `cues` are the turns of speech in it that point at what was
    said before; `asks_for` is what events cannot hold, if it asks for such."""

    question: str
    skeleton: str
    asked: Asked
    named: Named
    slots: Slots
    times: tuple[Read, ...]
    left: Leftovers
    everywhere: bool
    cues: frozenset[str]
    asks_for: str | None
    noticed: tuple[Noticed, ...]
    language: str

    @property
    def time(self) -> Read | None:
        """The stretch of time, or the first of several."""
        return self.times[0] if self.times else None


def hear(
    question: str, site: Site, now: datetime, *, american: bool = False, likely: str = "en"
) -> Said:
    """Read a sentence by masking, each slot from what the slots before have left. `now` is the
    wall time of whoever asks, `likely` the language when the words do not decide."""
    sheet = Sheet(question)
    words = lexicon(language_of(sheet.folded, likely))
    named, found = Named(), Slots()
    slots.find_confidence(sheet, words, found)
    cues = set(_references(sheet, words))
    names.find_endings(sheet, site, words)
    names.find_cameras(sheet, site, words, named)
    everywhere = words.everywhere.search(sheet.left) is not None
    names.find_people(sheet, site, words, named)
    names.find_zones(sheet, site, words, named)
    times = ranges.read(sheet, words.language, now, american=american)
    names.find_partial(sheet, site, words, named)
    slots.find_labels(sheet, site, words, found)
    slots.find_rest(sheet, words, found)
    skeleton = words.rewritten(sheet.skeleton()[0])
    asks_for = next(
        (each.says for each in words.unanswerable.values() if each.phrase.find(skeleton)), None
    )
    asked = operation_of(skeleton, sheet.folded, words)
    left = leftovers.sort_out(sheet, site, words)
    cues |= {name for name, phrase in words.turns.items() if phrase.find(skeleton)}
    noticed = tuple(sorted(sheet.noticed, key=lambda each: each.start))
    return Said(
        question, skeleton, asked, named, found, tuple(times), left, everywhere,
        frozenset(cues), asks_for, noticed, words.language,
    )  # fmt: skip


def _references(sheet: Sheet, words: Lexicon) -> list[str]:
    """References to earlier questions, taken at once: "the first question" asks for no first."""
    found = []
    for name in _TAKEN:
        known = words.turns.get(name)
        skeleton, items = sheet.skeleton()
        match = known.find(skeleton) if known else None
        if match:
            sheet.take(*sheet.place(match, items), "reference", name)
            found.append(name)
    return found
