"""Groups of prompts to templates with slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.discovery.acceptance import PASSAGE, Surroundings, accept, member_scores
from promptuary.canon.discovery.affixes import cut_affixes
from promptuary.canon.discovery.columns import drop_weak, fill_holes, settle_constants
from promptuary.canon.discovery.constants import background, find_constants
from promptuary.canon.discovery.context import separators
from promptuary.canon.discovery.corpus import Corpus
from promptuary.canon.discovery.edges import elsewhere, give_back_edges
from promptuary.canon.discovery.folding import fold
from promptuary.canon.discovery.grouping import Groups
from promptuary.canon.discovery.ngrams import Floats, passages
from promptuary.canon.discovery.rendering import Rendered, render
from promptuary.canon.discovery.splitting import split_adjacent
from promptuary.canon.discovery.strays import take_in
from promptuary.canon.discovery.tables import Table, lay_under, slot_pattern
from promptuary.canon.discovery.weighing import Weighed


@dataclass(frozen=True, slots=True)
class Distilled:
    """A template: its prompts (by number), its text, their values."""

    prompts: list[int]
    rendered: Rendered
    confidence: float


def distil(
    corpus: Corpus, probability: Floats, weighed: Sequence[Weighed], groups: Groups, minimum: int
) -> list[Distilled]:
    """The templates of those groups that are accepted."""
    kinds = separators(corpus)
    tables = _accepted(corpus, probability, weighed, groups, minimum, kinds)
    against = background(corpus, probability, kinds)
    for table in tables:
        _settle(table)
        find_constants(table, against)
    tables = fold(corpus, probability, _laid_anew(corpus, probability, tables), kinds)
    corpus, probability = cut_affixes(corpus, probability, tables)
    kinds = separators(corpus)
    give_back_edges(tables, elsewhere(corpus, passages(corpus, 3), tables, kinds))
    tables = fold(corpus, probability, tables, kinds)
    take_in(corpus, probability, tables)
    for table in tables:
        settle_constants(table)
    return [_distilled(table) for table in tables]


def _accepted(
    corpus: Corpus,
    probability: Floats,
    weighed: Sequence[Weighed],
    groups: Groups,
    minimum: int,
    kinds: NDArray[np.uint8],
) -> list[Table]:
    around = Surroundings(kinds, passages(corpus, PASSAGE))
    large = [k for k, members in enumerate(groups.members) if len(members) >= minimum]
    chosen = Groups(
        tuple(groups.patterns[k] for k in large), tuple(groups.members[k] for k in large)
    )
    tables = lay_under(corpus, probability, list(zip(chosen.members, chosen.patterns, strict=True)))
    scored = zip(tables, member_scores(weighed, chosen), strict=True)
    return [t for t, score in scored if accept(t, score, weighed, around, minimum)]


def _settle(table: Table) -> None:
    drop_weak(table)
    fill_holes(table)


def _laid_anew(corpus: Corpus, probability: Floats, tables: Sequence[Table]) -> list[Table]:
    patterns = [(table.rows, slot_pattern(table)) for table in tables]
    anew = lay_under(corpus, probability, patterns)
    for table in anew:
        _settle(table)
    return anew


def _distilled(table: Table) -> Distilled:
    rendered = render(table, split_adjacent)
    return Distilled(table.rows, rendered, float((table.places >= 0).mean()))
