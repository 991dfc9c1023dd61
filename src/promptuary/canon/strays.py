"""A second chance for prompts that stand alone: the finished templates, matched strictly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.alignment import Floats, Numbers, Pattern, Sequel
from promptuary.canon.candidates import candidates
from promptuary.canon.corpus import Corpus
from promptuary.canon.tables import Table, gaps, lay_under, slot_pattern
from promptuary.canon.weighing import FAR, Weighed

FEWEST = 3  # columns that a prompt must match
SPARE = 0.12  # of the columns may be missing, or extra words stand outside the slots
FREE = 0.4  # columns that may be missing at any length
MISSPELT = 0.5  # of a missing column is what a misspelt word counts
ALWAYS = 0.9  # of the members fill a slot that every member must fill
BELIEVED = 2.0  # log odds that a template's word is template text


def take_in(corpus: Corpus, probability: Floats, tables: Sequence[Table]) -> None:
    """Add to each table the prompts in none that its template fits nearly word for word.

    What the statistics believed of such a prompt does not count any more.
    """
    taken = {prompt for table in tables for prompt in table.rows}
    alone = [prompt for prompt in range(len(corpus)) if prompt not in taken]
    if not alone or not tables:
        return
    patterns = [slot_pattern(table) for table in tables]
    required = [gaps(table).used >= ALWAYS for table in tables]
    known = np.zeros(len(corpus.words), dtype=bool)
    known[[word for pattern in patterns for word in pattern.columns]] = True
    likely = candidates(
        [_weighed(corpus, d, known) for d in alone], patterns, vocabulary=len(corpus.words)
    )
    pairs = [(d, k) for d, numbers in zip(alone, likely, strict=True) for k in numbers.tolist()]
    trials = lay_under(corpus, probability, [([d], patterns[k]) for d, k in pairs])
    best: dict[int, tuple[int, int, Table]] = {}
    for (d, k), trial in zip(pairs, trials, strict=True):
        if _fits(trial, patterns[k], required[k]):
            matched = int((trial.places >= 0).sum())
            best[d] = max(best.get(d, (0, 0, trial)), (matched, k, trial), key=lambda one: one[:2])
    for d in sorted(best):
        _, k, trial = best[d]
        tables[k].rows.append(d)
        tables[k].places = np.vstack((tables[k].places, trial.places))


def _weighed(corpus: Corpus, prompt: int, known: NDArray[np.bool_]) -> Weighed:
    words = corpus.numbers(prompt)
    kept = np.flatnonzero(known[words])
    edges = np.concatenate(([-1], kept, [len(words)]))
    skipped = np.minimum(np.diff(edges) - 1, FAR).astype(np.float32)
    gains = np.full(len(kept), BELIEVED, dtype=np.float32)
    return Weighed(Sequel(words[kept], gains, skipped), kept, len(words), float(gains.sum()))


def _fits(trial: Table, pattern: Pattern, required: NDArray[np.bool_]) -> bool:
    between = gaps(trial)
    places = trial.places[0]
    read = trial.corpus.numbers(trial.rows[0])[np.maximum(places, 0)]
    misspelt = int(((places >= 0) & (read != trial.columns)).sum())
    missing = int((places < 0).sum())
    words: Numbers = (between.end - between.begin)[0]
    extra = int(words[~np.array(pattern.slots)].sum())
    enough = len(places) - missing >= FEWEST and bool((words > 0)[required].all())
    return enough and missing + extra + MISSPELT * misspelt <= SPARE * len(places) + FREE
