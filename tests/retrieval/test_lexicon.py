"""What a typed word stands for is the same as if every term were compared with it."""

from __future__ import annotations

import random

import numpy as np
from rapidfuzz.distance import OSA

from promptuary.ports.index import WordQuery
from promptuary.retrieval.lexicon import MAX_COMPLETIONS, MAX_CORRECTIONS, MAX_FIELDS, Lexicon
from promptuary.retrieval.spelling import has_digit, typos_allowed


def brute(typed: str, counts: dict[str, int], *, prefix: bool) -> dict[str, float]:
    """Every term that stands somewhere is looked at."""
    order = sorted(counts, key=lambda term: (-counts[term], term))
    shares = {typed: 1.0} if typed in counts else {}
    if prefix:
        longer = [t for t in order if counts[t] and t.startswith(typed) and t != typed]
        shares |= dict.fromkeys(longer[:MAX_COMPLETIONS], 0.8)
    far = {t: OSA.distance(typed, t) for t in order if counts[t] and t[0] == typed[0]}
    near = [(t, d) for wrong in (1, 2) for t, d in far.items() if d == wrong and not has_digit(t)]
    allowed = typos_allowed(typed)
    for term, distance in [(t, d) for t, d in near if d <= allowed][:MAX_CORRECTIONS]:
        shares.setdefault(term, {1: 0.5, 2: 0.25}[distance])
    return shares


def test_a_word_stands_for_the_commonest_and_nearest_of_all_terms() -> None:
    chosen = random.Random(5)

    def drawn() -> str:
        return "".join(chosen.choices("aab1é", k=chosen.randint(1, 9)))

    for _ in range(60):
        counts = {drawn(): chosen.randint(0, 3) for _ in range(150)}
        lexicon = Lexicon()
        lexicon.learn(counts, ["text"])
        standing = [at for at, count in enumerate(counts.values()) if count]
        changes = np.array([count for count in counts.values() if count], dtype=np.int64)
        lexicon.count(3, np.array(standing, dtype=np.int64) * MAX_FIELDS, changes)
        undone = [term for term in {drawn(), drawn()} if term not in counts]
        lexicon.learn(undone, [])
        lexicon.unlearn(undone, [])
        for typed in ("aab", "aaba", "abababa", "aabaabaa", drawn()):
            for prefix in (False, True):
                (meant,) = lexicon.meant(WordQuery(typed, prefix=prefix))
                assert dict(meant.terms) == brute(typed, counts, prefix=prefix)
