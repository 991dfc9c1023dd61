"""Discovery: from raw prompts to templates with slots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from promptuary.canon.discovery.blocks import fold_code
from promptuary.canon.discovery.corpus import Corpus, lay_out
from promptuary.canon.discovery.distil import Distilled, distil
from promptuary.canon.discovery.evidence import static_text
from promptuary.canon.discovery.maximising import group
from promptuary.canon.discovery.quotations import believe_quotations
from promptuary.canon.discovery.residuals import cut_residuals
from promptuary.canon.discovery.typos import repair
from promptuary.canon.discovery.variants import fuse
from promptuary.canon.discovery.weighing import weigh
from promptuary.canon.machine_lines.detecting import machine_lines
from promptuary.canon.machine_lines.mine import line_templates
from promptuary.canon.machine_lines.writing import LineTemplate


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
    `confidence` lies between 0 and 1; `of_lines` tells a template of machine lines.
    """

    text: str
    members: tuple[Member, ...]
    confidence: float
    of_lines: bool = False


def discover(
    texts: Sequence[str], *, minimum: int = 3, beside: Sequence[str] = ()
) -> tuple[Proposal, ...]:
    """Templates that at least `minimum` distinct texts share; the others stand alone.

    Machine lines, such as logs, go a way of their own, where one line is enough. `beside` are texts
    of the same traffic that need no template: they only help to tell lines from prompts.
    Deterministic: the same texts give the same result.
    """
    places: dict[str, list[int]] = {}
    for index, text in enumerate(texts):
        places.setdefault(text, []).append(index)
    distinct = list(places)
    lines = machine_lines(distinct, beside)
    prompts = [text for number, text in enumerate(distinct) if number not in lines]
    proposals = [
        *(_of_lines(one, distinct, places) for one in line_templates(distinct, lines)),
        *_of_prompts(prompts, places, minimum),
    ]
    return tuple(sorted(proposals, key=lambda one: one.members[0].index))


def _of_prompts(
    texts: Sequence[str], places: Mapping[str, Sequence[int]], minimum: int
) -> list[Proposal]:
    if len(texts) < minimum:
        return []
    corpus = cut_residuals(repair(lay_out(texts)))
    probability = believe_quotations(corpus, static_text(corpus))
    corpus, probability = fold_code(corpus, probability)
    weighed, groups = group(weigh(corpus, probability), vocabulary=len(corpus.words))
    groups = fuse(groups, minimum)
    found = distil(corpus, probability, weighed, groups, minimum)
    return [_of_corpus(one, corpus, places) for one in found]


def _of_corpus(one: Distilled, corpus: Corpus, places: Mapping[str, Sequence[int]]) -> Proposal:
    texts = [corpus.texts[prompt] for prompt in one.prompts]
    members = _members(texts, one.rendered.values, places)
    return Proposal(one.rendered.text, members, one.confidence)


def _of_lines(
    one: LineTemplate, texts: Sequence[str], places: Mapping[str, Sequence[int]]
) -> Proposal:
    members = _members([texts[line] for line in one.lines], one.values, places)
    return Proposal(one.text, members, one.confidence, of_lines=True)


def _members(
    texts: Sequence[str],
    values: Sequence[Mapping[str, str]],
    places: Mapping[str, Sequence[int]],
) -> tuple[Member, ...]:
    found = [
        Member(index, slots)
        for text, slots in zip(texts, values, strict=True)
        for index in places[text]
    ]
    return tuple(sorted(found, key=lambda member: member.index))
