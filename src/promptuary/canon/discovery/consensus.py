"""The template that a group of prompts agrees on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from promptuary.canon.discovery.alignment import Numbers, Pattern
from promptuary.canon.discovery.weighing import Weighed

VOTERS = 25  # members asked
SUPPORT = 0.6  # of them have a column's word
FILLED = 0.34  # of them have words in a slot
UNKNOWN = -9  # place of a word that a member has not


def shared_signature(members: Sequence[Weighed]) -> Pattern:
    """Pattern of prompts with one signature: slots where enough of them have other words."""
    places = np.array([one.places[one.sequel.gains > 0] for one in members])
    slots = _filled(places, members) >= FILLED
    return Pattern(members[0].signature, tuple(slots.tolist()))


def consensus(members: Sequence[Weighed], references: Sequence[Weighed]) -> Pattern | None:
    """Words of the best reference that the members share in order; None if there are none.

    A vote by column over pairwise alignments to a centre: the star method (Gusfield 1993), with
    longest common subsequences (Hyyro 2004, bit parallel).
    """
    voters = _spread(members)
    texts = [one.sequel.words.tolist() for one in voters]
    centre = _centre(references, texts)
    others = [(o, t) for o, t in zip(voters, texts, strict=True) if o is not centre]
    if not others:
        return shared_signature([centre])
    words = centre.sequel.words.tolist()
    aligned = np.array([centre.places, *(_matched(words, text, o) for o, text in others)])
    columns = np.flatnonzero(np.mean(aligned[1:] >= 0, axis=0) >= SUPPORT)
    if not len(columns):
        return None
    slots = _filled(aligned[:, columns], [centre, *(o for o, _ in others)]) >= FILLED
    return Pattern(tuple(centre.sequel.words[columns].tolist()), tuple(slots.tolist()))


def _centre(references: Sequence[Weighed], texts: Sequence[list[int]]) -> Weighed:
    """The reference that agrees most with the texts."""
    if len(references) == 1:
        return references[0]
    return max(references, key=lambda one: _agreement(one.sequel.words.tolist(), texts))


def _spread(members: Sequence[Weighed]) -> list[Weighed]:
    if len(members) <= VOTERS:
        return list(members)
    return [members[k] for k in np.linspace(0, len(members) - 1, VOTERS).astype(int)]


def _agreement(words: list[int], texts: Sequence[list[int]]) -> int:
    return sum(LCSseq.similarity(words, text) for text in texts)


def _matched(reference: list[int], text: list[int], one: Weighed) -> list[int]:
    """Place in the prompt of each word of the reference, or `UNKNOWN`."""
    found, places = [UNKNOWN] * len(reference), one.places.tolist()
    for block in LCSseq.editops(reference, text).as_matching_blocks():
        found[block.a : block.a + block.size] = places[block.b : block.b + block.size]
    return found


def _filled(places: Numbers, members: Sequence[Weighed]) -> NDArray[np.float64]:
    """Share of members with other words in each gap; beside a missing column it counts as empty."""
    edges = np.full((len(members), places.shape[1] + 2), -1)
    edges[:, 1:-1] = places
    edges[:, -1] = [one.length for one in members]
    left, right = edges[:, :-1], edges[:, 1:]
    filled = (left != UNKNOWN) & (right != UNKNOWN) & (right - left > 1)
    share: NDArray[np.float64] = np.mean(filled, axis=0)
    return share
