"""The template that a group of prompts agrees on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import LCSseq

from promptuary.canon.alignment import Numbers, Pattern
from promptuary.canon.weighing import Weighed

VOTERS = 25  # members asked
SUPPORT = 0.6  # of them have a column's word
FILLED = 0.34  # of them have words in a slot


def shared_signature(members: Sequence[Weighed]) -> Pattern:
    """Pattern of prompts with one signature: slots where enough of them have other words."""
    places = [one.places[one.sequel.gains > 0] for one in members]
    filled = np.mean([_filled(p, one.length) for p, one in zip(places, members, strict=True)], 0)
    return Pattern(members[0].signature, tuple((filled >= FILLED).tolist()))


def consensus(members: Sequence[Weighed], references: Sequence[Weighed]) -> Pattern | None:
    """Words of the best reference that the members share in order; None if there are none.

    A vote by column over pairwise alignments to a centre: the star method (Gusfield 1993), with
    longest common subsequences (Hyyro 2004, bit parallel).
    """
    voters = _spread(members)
    texts = [one.sequel.words.tolist() for one in voters]
    centre = max(references, key=lambda one: _agreement(one.sequel.words.tolist(), texts))
    others = [(o, t) for o, t in zip(voters, texts, strict=True) if o is not centre]
    if not others:
        return shared_signature([centre])
    aligned = [_matched(centre.sequel.words.tolist(), text) for _, text in others]
    support = np.mean([place >= 0 for place in aligned], axis=0)
    columns = np.flatnonzero(support >= SUPPORT)
    if not len(columns):
        return None
    filled = [_filled(centre.places[columns], centre.length)]
    for (one, _), place in zip(others, aligned, strict=True):
        filled.append(_filled_around(one, place[columns]))
    slots = np.mean(filled, axis=0) >= FILLED
    return Pattern(tuple(centre.sequel.words[columns].tolist()), tuple(slots.tolist()))


def _spread(members: Sequence[Weighed]) -> list[Weighed]:
    if len(members) <= VOTERS:
        return list(members)
    return [members[k] for k in np.linspace(0, len(members) - 1, VOTERS).astype(int)]


def _agreement(words: list[int], texts: Sequence[list[int]]) -> int:
    return sum(LCSseq.similarity(words, text) for text in texts)


def _matched(reference: list[int], text: list[int]) -> Numbers:
    place = np.full(len(reference), -1)
    for block in LCSseq.editops(reference, text).as_matching_blocks():
        place[block.a : block.a + block.size] = np.arange(block.b, block.b + block.size)
    return place


def _filled(places: Numbers, length: int) -> Numbers:
    return (np.diff(np.concatenate(([-1], places, [length]))) > 1).astype(np.int64)


def _filled_around(one: Weighed, chosen: Numbers) -> Numbers:
    """Per gap, whether other words stand there; gaps beside a missing column count as empty."""
    places = np.where(chosen >= 0, one.places[chosen], -9) if len(one.places) else chosen * 0 - 9
    edges = np.concatenate(([-1], places, [one.length]))
    known = (edges[:-1] > -9) & (edges[1:] > -9)
    return (known & (np.diff(edges) > 1)).astype(np.int64)
