"""Templates that are mere instances of another one: the same with a value where it has a slot.

What a window happens to hold decides which values look like fixed text: a language that many of its
prompts share, a sentence that several customers wrote. Such a template joins the one that explains
its prompts as well as it does itself, if what it has beyond that is

1. nothing: both say the same, and came from different beginnings;
2. whole values of slots which take other values elsewhere;
3. passages that stand in the values of templates which have nothing to do with either; or
4. little, and the other has several times its prompts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import LCSseq

from promptuary.canon.drafting import Found
from promptuary.canon.matching.place import KnownTemplate, Match, Matcher
from promptuary.canon.templates.filling import Hole, holes, parse
from promptuary.canon.templates.versions import fixed_words
from promptuary.canon.tokens import tokenise
from promptuary.domain.prompts import Prompt

EXACT = 0.999
SAMPLE = 24  # members by which a pair is judged at first
AS_WELL = 0.9  # of the prompts that the template explains word for word itself
LARGER, EXTRA = 3, 5  # times as many prompts, and at most so many fixed words more
VALUE, VALUES = 5, 3  # words of a value that many share, and different values of its slot
SAME = 0.8  # of the prompts have that value
PASSAGE, ELSEWHERE = 3, 2  # words of a passage, and templates in whose values it stands

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A template, the more general one that explains its prompts, and how: a match a prompt."""

    one: Found
    general: Found
    matches: tuple[Match | None, ...]

    @property
    def extra(self) -> int:
        """Fixed words that only the narrower one has."""
        return len(fixed_words(self.one.text)) - len(fixed_words(self.general.text))


def consolidated(finds: Sequence[Found]) -> list[Found]:
    """The finds, instances joined to what they are instances of; the same for any order of them.

    The most specific first, each to the most specific that explains it. A machine line says what it
    says: no template of lines is an instance of another.
    """
    ranked = sorted((find for find in finds if not find.of_lines), key=_specific_first)
    groups = dict(enumerate(ranked))
    known = _Elsewhere(ranked)
    wider = _wider(ranked)
    for at in range(len(ranked)):
        for other in wider[at]:
            pair = _pair(groups[at], groups[other])
            if pair is not None and _is_instance(pair, known):
                groups[other] = _joined(pair)
                del groups[at]
                break
    lines = [find for find in finds if find.of_lines]
    return sorted([*groups.values(), *lines], key=lambda find: find.first.seq)


def _specific_first(find: Found) -> tuple[int, int, str]:
    return -len(fixed_words(find.text)), len(find.members), find.text


def _wider(ranked: Sequence[Found]) -> list[list[int]]:
    """For each find those behind it whose fixed words it has, the most specific first.

    Looked up by the word that the fewest finds have.
    """
    words = [frozenset(fixed_words(find.text)) for find in ranked]
    spread = Counter(word for some in words for word in some)
    by_rarest: dict[str, list[int]] = defaultdict(list)
    for at, some in enumerate(words):
        if some:
            by_rarest[min(some, key=lambda word: (spread[word], word))].append(at)
    return [
        sorted(n for word in some for n in by_rarest.get(word, ()) if n > at and words[n] <= some)
        for at, some in enumerate(words)
    ]


def _pair(one: Found, general: Found) -> _Pair | None:
    """The pair, if the general one explains the prompts of the other as well as that does."""
    ours = Matcher.build([KnownTemplate("one", one.text)])
    theirs = Matcher.build([KnownTemplate("general", general.text)])
    texts = [prompt.text for prompt, _ in one.members]
    some = texts[:: 1 + len(texts) // SAMPLE]
    if not _as_well(theirs.match(some), ours.match(some)):
        return None
    matches = theirs.match(texts)
    return _Pair(one, general, tuple(matches)) if _as_well(matches, ours.match(texts)) else None


def _as_well(matches: Sequence[Match | None], own: Sequence[Match | None]) -> bool:
    """Word for word, and with the marks between the words, nearly as often."""
    needed, strictly = sum(map(_is_exact, own)), sum(map(_is_clean, own))
    return (
        needed > 0
        and sum(map(_is_exact, matches)) >= AS_WELL * needed
        and sum(map(_is_clean, matches)) >= AS_WELL * strictly
    )


def _is_exact(match: Match | None) -> bool:
    return match is not None and not match.missing and match.similarity > EXACT


def _is_clean(match: Match | None) -> bool:
    return match is not None and not match.residual


def _is_instance(pair: _Pair, known: _Elsewhere) -> bool:
    if pair.extra <= 0 or _only_values(pair):
        return True
    one, general = len(pair.one.members), len(pair.general.members)
    if general >= LARGER * one and pair.extra <= EXTRA:
        return True
    return general >= one and known.has_passages(pair)


def _only_values(pair: _Pair) -> bool:
    """Whether all that the narrower one has beyond the other are values of slots that vary."""
    shared = 0
    for hole in holes(pair.general.text):
        value = _shared_value([m.slots.get(hole, "") for m in pair.matches if _is_exact(m) and m])
        if value and _varies(pair.general, hole):
            shared += len(value)
    return shared >= pair.extra


def _shared_value(values: Sequence[str]) -> Words:
    """The words that nearly all the values are; none where they differ or are long."""
    words = Counter(tokenise(value).words for value in values)
    best, count = words.most_common(1)[0] if words else ((), 0)
    return best if count >= SAME * len(values) and len(best) <= VALUE else ()


def _varies(find: Found, hole: str) -> bool:
    return len({values.get(hole, "").casefold() for _, values in find.members}) >= VALUES


def _joined(pair: _Pair) -> Found:
    """The general one with the prompts of the other that it explains; the rest are free."""
    fresh: list[tuple[Prompt, Mapping[str, str]]] = [
        (prompt, match.slots)
        for (prompt, _), match in zip(pair.one.members, pair.matches, strict=True)
        if match is not None
    ]
    members = sorted([*pair.general.members, *fresh], key=lambda member: member[0].seq)
    return replace(pair.general, members=tuple(members))


class _Elsewhere:
    """In the values of which templates passages stand."""

    def __init__(self, finds: Sequence[Found]) -> None:
        self._finds = finds
        self._homes: dict[Words, set[str]] | None = None

    def has_passages(self, pair: _Pair) -> bool:
        """Whether all the longer runs of extra words stand in values of unrelated templates."""
        runs = [run for run in _extra_runs(pair) if len(run) >= PASSAGE]
        related = {pair.one.text, pair.general.text}
        homes = self._known() if runs else {}
        return bool(runs) and all(
            any(len(homes.get(passage, set()) - related) >= ELSEWHERE for passage in _passages(run))
            for run in runs
        )

    def _known(self) -> Mapping[Words, set[str]]:
        """Read when first asked: most windows need not know."""
        if self._homes is None:
            self._homes = defaultdict(set)
            for find in self._finds:
                for _, values in find.members:
                    for value in values.values():
                        for passage in _passages(tokenise(value).words):
                            self._homes[passage].add(find.text)
        return self._homes


def _passages(words: Sequence[str]) -> Iterator[Words]:
    return (tuple(words[at : at + PASSAGE]) for at in range(len(words) - PASSAGE + 1))


def _extra_runs(pair: _Pair) -> Iterator[Words]:
    """Runs of fixed words that only the narrower template has."""
    one, general = _shape(pair.one.text), _shape(pair.general.text)
    for step in LCSseq.opcodes(general, one):
        if step.tag == "insert":
            run: list[str] = []
            for word in [*one[step.dest_start : step.dest_end], ""]:
                if word:
                    run.append(word)
                elif run:
                    yield tuple(run)
                    run = []


def _shape(text: str) -> list[str]:
    """Fixed words with an empty string for each hole."""
    shape: list[str] = []
    for part in parse(text):
        shape += [""] if isinstance(part, Hole) else tokenise(part).words
    return shape
