"""Groups of prompts to templates with slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

from promptuary.canon.discovery.acceptance import are_templates, keep_members, member_scores
from promptuary.canon.discovery.affixes import cut_affixes
from promptuary.canon.discovery.columns import drop_weak, fill_holes, settle_constants
from promptuary.canon.discovery.constants import background, find_constants
from promptuary.canon.discovery.context import separators
from promptuary.canon.discovery.corpus import Corpus
from promptuary.canon.discovery.edges import elsewhere, give_back_edges
from promptuary.canon.discovery.folding import fold
from promptuary.canon.discovery.grouping import Groups
from promptuary.canon.discovery.ngrams import Floats, passages
from promptuary.canon.discovery.portrait import PASSAGE, PHRASE, Surroundings, surroundings_of
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
    tables, origins, around = unjudged(corpus, probability, weighed, groups, minimum)
    right = are_templates(tables, origins, around)
    tables = list(compress(tables, right))
    tables = fold(corpus, probability, tables, around.separators, around.phrases)
    corpus, probability = cut_affixes(corpus, probability, tables)
    kinds, phrases = separators(corpus), passages(corpus, PHRASE)
    give_back_edges(tables, elsewhere(corpus, phrases, tables, kinds))
    tables = fold(corpus, probability, tables, kinds, phrases)
    tables = take_in(corpus, probability, tables)
    for table in tables:
        settle_constants(table)
    return [_distilled(table) for table in tables]


def unjudged(
    corpus: Corpus, probability: Floats, weighed: Sequence[Weighed], groups: Groups, minimum: int
) -> tuple[list[Table], list[tuple[int, ...]], Surroundings]:
    """Tables of the groups, the groups they were chosen from, and what to judge them by."""
    kinds = separators(corpus)
    tables, origins = _candidates(corpus, probability, weighed, groups, minimum)
    against = background(corpus, probability, kinds)
    for table in tables:
        _settle(table)
        find_constants(table, against)
    tables = _laid_anew(corpus, probability, tables)
    long, short = passages(corpus, PASSAGE), passages(corpus, PHRASE)
    around = surroundings_of(corpus.sequences, probability, kinds, long, short)
    return tables, origins, around


def _candidates(
    corpus: Corpus, probability: Floats, weighed: Sequence[Weighed], groups: Groups, minimum: int
) -> tuple[list[Table], list[tuple[int, ...]]]:
    """Tables of the groups that are large enough, and the groups."""
    large = [k for k, members in enumerate(groups.members) if len(members) >= minimum]
    chosen = Groups(
        tuple(groups.patterns[k] for k in large), tuple(groups.members[k] for k in large)
    )
    tables = lay_under(corpus, probability, list(zip(chosen.members, chosen.patterns, strict=True)))
    scored = zip(tables, member_scores(weighed, chosen), strict=True)
    enough = [keep_members(table, score, weighed, minimum) for table, score in scored]
    return list(compress(tables, enough)), list(compress(chosen.members, enough))


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
