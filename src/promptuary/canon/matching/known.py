"""Known templates compiled for matching, and the index that finds the likely ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log

from promptuary.canon.matching.locating import UNKNOWN, Coded
from promptuary.canon.matching.pattern import Pattern, compiled

KEYS = 12  # word pairs by which a template is looked up
FOUND = 250_000  # millionths: weighted share of the keys that make a candidate
CANDIDATES = 10  # that are looked at closely, at most
FEW = 4  # word pairs below which single words are keys too

_START, _END = "\x01", "\x02"
_FIRST = 3  # code point of the first word; those below mean unknown, start and end


@dataclass(frozen=True, slots=True)
class Known:
    """A template whose words are code points and weigh by their rarity among all templates.

    `unit` is the mean weight of a word, `total` the sum, `words` are the different ones.
    """

    key: str
    pattern: Pattern
    chunks: tuple[Coded, ...]
    weights: tuple[tuple[float, ...], ...]
    total: float
    unit: float
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Index:
    """Templates by their rarest word pairs; the edges of a prompt count as words."""

    known: tuple[Known, ...]
    vocabulary: Mapping[str, str]
    postings: Mapping[str, tuple[tuple[int, int], ...]]

    @classmethod
    def build(cls, templates: Sequence[tuple[str, str]]) -> Index:
        """An index of (key, text) pairs."""
        patterns = [compiled(text) for _, text in templates]
        spread = Counter(word for pattern in patterns for word in set(pattern.words))
        vocabulary = {w: chr(min(n + _FIRST, 0x10FFFF)) for n, w in enumerate(sorted(spread))}
        known = tuple(
            _known(key, pattern, vocabulary, spread, len(templates))
            for (key, _), pattern in zip(templates, patterns, strict=True)
        )
        return cls(known, vocabulary, _postings(known))

    def coded(self, words: Sequence[str]) -> str:
        """The words as code points; words of no template are `UNKNOWN`."""
        get = self.vocabulary.get
        return "".join([get(word, UNKNOWN) for word in words])

    def candidates(self, code: str, *, before: int, behind: int) -> list[tuple[Known, float]]:
        """Templates that share enough of their keys with a prompt, most promising first, each with
        the share of its different words that are somewhere in the prompt.

        The prompt may also begin after its first `before` and end before its last `behind` words.
        """
        framed = _START + code + _END
        words = set(code)
        seen = {framed[at : at + 2] for at in range(len(framed) - 1)} | words
        seen.update((_START + code[before : before + 1], code[-behind - 1 :][:1] + _END))
        shares: dict[int, int] = defaultdict(int)
        for key in seen & self.postings.keys():
            for number, share in self.postings[key]:
                shares[number] += share
        good = [(-s * self.known[n].total, n) for n, s in shares.items() if s >= FOUND]
        likely = [self.known[number] for _, number in sorted(good)[:CANDIDATES]]
        return [(one, len(one.words & words) / len(one.words)) for one in likely]


def _known(
    key: str,
    pattern: Pattern,
    vocabulary: Mapping[str, str],
    spread: Mapping[str, int],
    templates: int,
) -> Known:
    """Words weigh 1 when every template has them, up to 3 when only this one has."""
    scale = 2 / log(templates + 1)
    weight = {word: 1 + scale * log(templates / spread[word]) for word in pattern.words}
    chunks = tuple(
        Coded(chunk, "".join(vocabulary[word] for word in chunk.words)) for chunk in pattern.chunks
    )
    weights = tuple(tuple(weight[word] for word in chunk.words) for chunk in pattern.chunks)
    total = sum(map(sum, weights))
    unit = total / max(1, sum(map(len, weights)))
    words = frozenset(word for coded in chunks for word in coded.code)
    return Known(key, pattern, chunks, weights, total, unit, words)


def _postings(known: Sequence[Known]) -> Mapping[str, tuple[tuple[int, int], ...]]:
    """Key -> templates that have it among their rarest, with its share of all their keys.

    Shares are in millionths: sums of integers do not depend on the order, which is a set's.
    """
    keys = [tuple(dict.fromkeys(_keys(one))) for one in known]
    spread = Counter(key for some in keys for key in some)
    postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, some in enumerate(keys):
        rarest = sorted(some, key=lambda key: (spread[key], -len(key)))[:KEYS]
        weights = [log(1 + len(known) / spread[key]) for key in rarest]
        for key, weight in zip(rarest, weights, strict=True):
            postings[key].append((number, round(1_000_000 * weight / sum(weights))))
    return {key: tuple(some) for key, some in postings.items()}


def _keys(known: Known) -> Iterator[str]:
    """Word pairs; of a template with few of them also its words."""
    codes = [chunk.code for chunk in known.chunks]
    if codes and known.pattern.opens:
        codes[0] = _START + codes[0]
    if codes and known.pattern.closes:
        codes[-1] += _END
    pairs = [code[at : at + 2] for code in codes for at in range(len(code) - 1)]
    yield from pairs
    if len(pairs) < FEW:
        yield from (word for chunk in known.chunks for word in chunk.code)
