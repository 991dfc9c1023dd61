"""Discovery: from raw prompts to templates with slots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from promptuary.canon.discovery.corpus import Corpus, lay_out
from promptuary.canon.discovery.distil import Distilled, distil
from promptuary.canon.discovery.evidence import static_text
from promptuary.canon.discovery.maximising import group
from promptuary.canon.discovery.residuals import cut_residuals
from promptuary.canon.discovery.typos import repair
from promptuary.canon.discovery.variants import fuse
from promptuary.canon.discovery.weighing import weigh


@dataclass(frozen=True, slots=True)
class Member:
    """A prompt of a template: its position in the batch, and the raw value of each slot.

    Optional slots that the prompt leaves out are absent.
    """

    index: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A template that prompts share.

    Slots in `text` are {s0}, {s1}..., literal braces are doubled; `members` ascend by index;
    `confidence` lies between 0 and 1.
    """

    text: str
    members: tuple[Member, ...]
    confidence: float


def discover(texts: Sequence[str], *, minimum: int = 3) -> tuple[Proposal, ...]:
    """Templates that at least `minimum` distinct texts share; the others stand alone.

    Deterministic: the same texts give the same result.
    """
    distinct = list(dict.fromkeys(texts))
    if len(distinct) < minimum:
        return ()
    corpus = cut_residuals(repair(lay_out(distinct)))
    probability = static_text(corpus)
    weighed, groups = group(weigh(corpus, probability), vocabulary=len(corpus.words))
    groups = fuse(groups, minimum)
    found = distil(corpus, probability, weighed, groups, minimum)
    return _proposals(texts, corpus, found)


def _proposals(
    texts: Sequence[str], corpus: Corpus, found: Sequence[Distilled]
) -> tuple[Proposal, ...]:
    places: dict[str, list[int]] = {}
    for index, text in enumerate(texts):
        places.setdefault(text, []).append(index)
    proposals = [_proposal(one, corpus, places) for one in found]
    return tuple(sorted(proposals, key=lambda one: one.members[0].index))


def _proposal(one: Distilled, corpus: Corpus, places: Mapping[str, Sequence[int]]) -> Proposal:
    members = [
        Member(index, values)
        for prompt, values in zip(one.prompts, one.rendered.values, strict=True)
        for index in places[corpus.texts[prompt]]
    ]
    ordered = tuple(sorted(members, key=lambda member: member.index))
    return Proposal(one.rendered.text, ordered, one.confidence)
