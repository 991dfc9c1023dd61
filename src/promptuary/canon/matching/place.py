"""Placing prompts among known templates.

An inverted index over each template's rarest word pairs gives candidates, `locating` finds their
fixed words in order, `cutting` reads the values between. A prompt is placed where enough of the
fixed words, weighted by rarity, are found, and where they are enough to tell: a template of one
common word places nothing. Of several templates the one that explains most of the prompt by fixed
words wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from promptuary.canon.matching.affixes import Affixes, Words, learned
from promptuary.canon.matching.cutting import Piece, cut
from promptuary.canon.matching.known import Index, Known
from promptuary.canon.matching.locating import Reading
from promptuary.canon.matching.verdict import Verdict, judged, outside
from promptuary.canon.templates import residual
from promptuary.canon.templates.filling import Hole, Parts
from promptuary.canon.tokens import tokenise

THRESHOLD = 0.85  # similarity
EVIDENCE = 2.5  # fixed words, or what counts as much
SAMPLE = 2_000  # prompts from which polite words are learned
PRESENT = 0.6  # of a template's different words, that must be in the prompt somewhere

_Runner = tuple[float, float, str]  # similarity, what it explains, key
_Around = tuple[str, Words, Words] | None  # a template's key, words before it and behind it


@dataclass(frozen=True, slots=True)
class KnownTemplate:
    """A template to match against; `key` is the caller's name for it."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """A prompt explained by a template.

    `residual.apply(match.residual, filling.fill(template, match.slots))` is the prompt, byte for
    byte. `similarity` is the weighted share of the fixed words that were found, less a little for
    words that do not belong; `missing` are the fixed words not found. `next_key` is the template
    that would have come next, None where no other came near.
    """

    key: str
    slots: Mapping[str, str]
    similarity: float
    confidence: float
    residual: str
    shared_words: int
    fixed_words: int
    missing: tuple[str, ...]
    next_key: str | None
    next_similarity: float


@dataclass(frozen=True, slots=True)
class Matcher:
    """Known templates, ready to match. Immutable; build a new one when templates change."""

    index: Index
    affixes: Affixes
    threshold: float
    evidence: float

    @classmethod
    def build(
        cls,
        templates: Sequence[KnownTemplate],
        *,
        affixes: Affixes | None = None,
        threshold: float = THRESHOLD,
        evidence: float = EVIDENCE,
    ) -> Matcher:
        """A matcher of `templates`. `threshold` is the similarity a placement needs (0 to 1),
        `evidence` about how many fixed words must be found whatever their share."""
        index = Index.build([(template.key, template.text) for template in templates])
        return cls(index, affixes or Affixes(), threshold, evidence)

    def learned(self, texts: Sequence[str]) -> Matcher:
        """This matcher, but cutting off values the polite words that stand around the fixed text
        of several templates among `texts`: prompts like those to match, members of lineages, say.

        At most `SAMPLE` of them are read, evenly spread.
        """
        readings = map(self._read, texts[:: _step(texts)])
        return self._taught([_around(self._best(reading)[0], reading) for reading in readings])

    def learn_and_match(self, texts: Sequence[str]) -> list[Match | None]:
        """`self.learned(texts).match(texts)` at little more than half the cost: what was found
        while learning stands wherever a prompt has no polite words."""
        step, sample = _step(texts), list[_Around]()
        matches: list[Match | None] = []
        for at, text in enumerate(texts):
            reading = self._read(text)
            best, runner = self._best(reading)
            matches.append(self._matched(best, runner, reading) if best else None)
            if at % step == 0:
                sample.append(_around(best, reading))
        taught = self._taught(sample)
        return [
            taught._match(text) if self._reads_unlike(taught, text) else match
            for text, match in zip(texts, matches, strict=True)
        ]

    def _taught(self, seen: Iterable[_Around]) -> Matcher:
        known = [one for one in seen if one is not None]
        leading = [(key, before) for key, before, _ in known]
        trailing = [(key, behind) for key, _, behind in known]
        return replace(self, affixes=learned(leading, trailing))

    def _reads_unlike(self, other: Matcher, text: str) -> bool:
        """Whether the polite words that one of the two knows are at an end of the text."""
        if not other.affixes.any and not self.affixes.any:
            return False
        words = tokenise(text).words
        return any(one.affixes.before(words) or one.affixes.behind(words) for one in (self, other))

    def likely(self, text: str) -> list[str]:
        """The keys of the templates worth a close look: most of their words are in the text."""
        reading = self._read(text)
        words = reading.tokens.words
        before, behind = self.affixes.before(words), self.affixes.behind(words)
        found = self.index.candidates(reading.code, before=before, behind=behind)
        return [known.key for known, share in found if share >= PRESENT]

    def match(self, texts: Sequence[str]) -> list[Match | None]:
        """The best template for each text, in order; None for a text that stands alone."""
        return [self._match(text) for text in texts]

    def _match(self, text: str) -> Match | None:
        reading = self._read(text)
        best, runner = self._best(reading)
        return self._matched(best, runner, reading) if best else None

    def _read(self, text: str) -> Reading:
        tokens = tokenise(text)
        return Reading(text, tokens, self.index.coded(tokens.words))

    def _best(self, reading: Reading) -> tuple[Verdict | None, _Runner | None]:
        """The verdict that is good enough and explains most, and the most similar other template.

        What cannot win is not looked at closely: its similarity is taken for the share of its
        words that are anywhere in the prompt, which is no less.
        """
        words = reading.tokens.words
        before, behind = self.affixes.before(words), self.affixes.behind(words)
        best: Verdict | None = None
        others: list[_Runner] = []
        for known, share in self.index.candidates(reading.code, before=before, behind=behind):
            if share < PRESENT or (best and _most(known, share) <= best.explained):
                others.append((share, 0.0, known.key))
                continue
            verdict = judged(known, reading, self.affixes)
            fits = verdict.similarity >= self.threshold and verdict.evidence >= self.evidence
            if fits and (best is None or _rank(verdict) > _rank(best)):
                others += [_runner(best)] if best else []
                best = verdict
            else:
                others.append(_runner(verdict))
        return best, max(others, default=None)

    def _matched(self, best: Verdict, runner: _Runner | None, reading: Reading) -> Match:
        pieces = _pieces(best, reading, self.affixes)
        slots: dict[str, str] = {}
        for part, text in pieces:
            if isinstance(part, Hole):
                slots.setdefault(part.name, text)
        sides = ((slots[p.name] if isinstance(p, Hole) else p, text) for p, text in pieces)
        missing = best.missing
        fixed = sum(len(chunk.code) for chunk in best.known.chunks)
        return Match(
            key=best.known.key,
            slots=slots,
            similarity=best.similarity,
            confidence=_confidence(best, runner),
            residual=residual.aligned(sides),
            shared_words=fixed - len(missing),
            fixed_words=fixed,
            missing=missing,
            next_key=runner[2] if runner else None,
            next_similarity=runner[0] if runner else 0.0,
        )


def reasons(match: Match, names: Mapping[str, str]) -> tuple[str, ...]:
    """Sentences a person can read: why the prompt was placed there. `names` names templates."""
    said = [
        f"shares {match.shared_words} of {match.fixed_words} fixed words with template "
        f"{names.get(match.key, match.key)}"
    ]
    if match.missing:
        some = ", ".join(f"`{word}`" for word in match.missing[:5])
        said.append(f"lacks {some}" + (" and more" if len(match.missing) > 5 else ""))
    filled = [f"`{name}`" for name, value in match.slots.items() if value]
    if filled:
        said.append(f"differs in slot{'s' if len(filled) > 1 else ''} {', '.join(filled)}")
    if match.next_key is not None:
        other = names.get(match.next_key, match.next_key)
        said.append(f"nearest other template {other}: {match.next_similarity:.2f}")
    return tuple(said)


def _step(texts: Sequence[str]) -> int:
    """Every how many texts are read so that they are at most `SAMPLE`."""
    return 1 + len(texts) // SAMPLE


def _around(best: Verdict | None, reading: Reading) -> _Around:
    """The words outside the fixed text of a template that begins or ends with it."""
    if best is None:
        return None
    before, behind = outside(best.known, best.places, reading)
    words = reading.tokens.words
    return best.known.key, words[:before], words[len(words) - behind :]


def _rank(verdict: Verdict) -> tuple[float, float]:
    return round(verdict.explained, 6), verdict.similarity


def _runner(verdict: Verdict) -> _Runner:
    return verdict.similarity, verdict.explained, verdict.known.key


def _most(known: Known, share: float) -> float:
    """The most that a template can explain where that share of its words is, two misspelt."""
    share = min(1.0, share + 2 / len(known.words))
    return known.total * (1.5 * share - 0.5)


def _confidence(best: Verdict, runner: _Runner | None) -> float:
    """Grows with the share found, with the evidence, and with the lead over the next template."""
    enough = best.evidence / (best.evidence + 1)
    lead = best.explained - max(0.0, runner[1] if runner else 0.0)
    sure = 0.5 + 0.5 * min(1.0, max(0.0, lead / (2 * best.known.unit)))
    return round(best.similarity * enough * sure, 4)


def _pieces(verdict: Verdict, reading: Reading, affixes: Affixes) -> list[Piece]:
    """The whole text shared out to the parts of the template, in order."""
    pattern, text = verdict.known.pattern, reading.text
    spans, words = reading.tokens.spans, reading.tokens.words
    there = [place for place in verdict.places if place]
    done = 0 if pattern.opens else _start(affixes.before(words[: there[0].start]), reading)
    end = len(text) if pattern.closes else _end(affixes.behind(words[there[-1].end :]), reading)
    pieces: list[Piece] = [("", text[:done])]
    gap: Parts = pattern.gaps[0]
    for chunk, place, next_gap in zip(
        pattern.chunks, verdict.places, pattern.gaps[1:], strict=True
    ):
        if place is None:
            gap = (*gap, chunk.text, *next_gap)
            continue
        first, last = spans[place.start][0], spans[place.end - 1][1]
        pieces += [*cut(gap, text[done:first]), (chunk.text, text[first:last])]
        gap, done = next_gap, last
    return [*pieces, *cut(gap, text[done:end]), ("", text[end:])]


def _start(affix: int, reading: Reading) -> int:
    """Where the words behind a leading affix begin, with the marks that open them."""
    if not affix:
        return 0
    spans, text = reading.tokens.spans, reading.text
    gap = text[spans[affix - 1][1] : spans[affix][0]]
    closing = len(gap) - len(gap.lstrip(" \t\n,.!:;?-\u3002\uff0c\uff01\uff1a"))
    return spans[affix - 1][1] + closing


def _end(affix: int, reading: Reading) -> int:
    """Where the words before a trailing affix end, with the marks that close them."""
    spans, text = reading.tokens.spans, reading.text
    if not affix:
        return len(text)
    return spans[-affix - 1][1] + len(text[spans[-affix - 1][1] : spans[-affix][0]].rstrip())
