"""Polite words glued onto prompts ("could you please", "thanks"): found by count, then cut."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from promptuary.canon.discovery.corpus import Corpus, trim

LONGEST = 7  # words of a residual
OPENING = 3  # words that tell one opening from another
OPENINGS = 5  # different openings a residual stands before
USES = 4  # prompts that start with such an opening without the residual
SHARE = 0.30  # of a residual's uses stand before such openings
WITH = 0.34  # of an opening's uses carry the residual, at most

Words = tuple[int, ...]


def cut_residuals(corpus: Corpus) -> Corpus:
    """The corpus without leading and trailing residuals; a prompt that is nothing else keeps all.

    A residual is an n-gram at the edge of a prompt that stands before many openings which mostly
    occur without it: an affix by its free combination, as in Harris (1955).
    """
    prompts = [tuple(corpus.numbers(d).tolist()) for d in range(len(corpus))]
    reverse = [prompt[::-1] for prompt in prompts]
    leading = _cuts(prompts, find_residuals(prompts))
    trailing = _cuts(reverse, find_residuals(reverse))
    lengths = corpus.lengths.tolist()
    cuts = zip(leading, trailing, lengths, strict=True)
    return trim(corpus, [(a, b) if a + b < length else (0, 0) for a, b, length in cuts])


def find_residuals(prompts: Sequence[Words]) -> set[Words]:
    """Word n-grams that prompts start with and that are no part of their meaning."""
    starts = Counter(prompt[:OPENING] for prompt in prompts if len(prompt) >= OPENING)
    found: dict[Words, int] = {}
    for length in range(LONGEST, 0, -1):
        for prefix, openings in _openings(prompts, length).items():
            good = _free_openings(prefix, openings, starts, found)
            if good:
                found[prefix] = good
    return {one for one in found if not _extends_a_freer_one(one, found)}


def _openings(prompts: Iterable[Words], length: int) -> Mapping[Words, Counter[Words]]:
    whole = [prompt[: length + OPENING] for prompt in prompts if len(prompt) >= length + OPENING]
    frequency = Counter(one[:length] for one in whole)
    found: dict[Words, Counter[Words]] = defaultdict(Counter)
    for one in whole:
        if frequency[one[:length]] >= OPENINGS:
            found[one[:length]][one[length:]] += 1
    return found


def _free_openings(
    prefix: Words,
    openings: Mapping[Words, int],
    starts: Mapping[Words, int],
    longer: Iterable[Words],
) -> int:
    if len(openings) < OPENINGS:
        return 0
    extended = [one for one in longer if one[: len(prefix)] == prefix]
    mine = {o: n for o, n in openings.items() if not _belongs(prefix + o, len(prefix), extended)}
    good = [o for o, n in mine.items() if _stands_alone(n, starts.get(o, 0))]
    enough = len(good) >= OPENINGS and sum(mine[o] for o in good) >= SHARE * sum(mine.values())
    return len(good) if enough else 0


def _belongs(text: Words, length: int, longer: Iterable[Words]) -> bool:
    return any(len(one) > length and text[: len(one)] == one[: len(text)] for one in longer)


def _stands_alone(with_residual: int, without: int) -> bool:
    return without >= USES and with_residual <= WITH * (without + with_residual)


def _extends_a_freer_one(one: Words, found: Mapping[Words, int]) -> bool:
    shorter = (found.get(one[:n], 0) for n in range(1, len(one)))
    return any(free >= 2 * found[one] for free in shorter)


def _cuts(prompts: Sequence[Words], residuals: set[Words]) -> list[int]:
    return [_cut(prompt, residuals) for prompt in prompts]


def _cut(prompt: Words, residuals: set[Words]) -> int:
    longest = min(LONGEST, len(prompt) - 1)
    return next((n for n in range(longest, 0, -1) if prompt[:n] in residuals), 0)
