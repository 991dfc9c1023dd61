"""`promptuary eval turns`: turns that find their passages in the light of what was said before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from promptuary.cli.effort import Effort, workplace
from promptuary.cli.evaluating_events import report
from promptuary.cli.exporting import json_lines
from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Home
from promptuary.cli.progress import progress
from promptuary.conversation.rankings import (
    DEEP,
    Judged,
    JudgedTurn,
    by_group,
    figures,
    lines,
    read_turn_truth,
    read_turns,
    shared_words,
)
from promptuary.domain.documents import GivenText
from promptuary.domain.errors import InvalidInput
from promptuary.domain.reports import Progress
from promptuary.retrieval.context import rewritten

if TYPE_CHECKING:
    from promptuary.blocking import Promptuary

COLLECTION = "eval"
Row: TypeAlias = tuple[str, list[str]]
"""A rewrite, and the passages found, best first."""


def turns(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Rows {conversation_id, turns: [{turn, user}]}."),
    ],
    passages: Annotated[
        Path, typer.Option("--passages", metavar="FILE", help="Rows {passage_id, text, title?}.")
    ],
    run: Annotated[
        Path, typer.Option("--run", metavar="OUT.jsonl", help="Where to write what was found.")
    ],
    *,
    raw: Annotated[
        bool, typer.Option("--raw", help="Each turn alone, as if nothing had been said before.")
    ] = False,
    seed: Annotated[  # noqa: ARG001 - every `eval` takes one
        int | None, typer.Option("--seed", help="Taken for sameness: nothing here is drawn.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Look for the passages of every judged turn, write the run, then compare it with the truth.

    A row of the run is `{conversation_id, turn, rewrite, ranking}`. What context gains is the
    difference to a run with `--raw`.
    """
    asked = read_turns(file)
    texts = _passages(passages)
    effort = Effort.begin()
    with workplace(home) as place, opened(place) as promptuary, progress() as told:
        promptuary.add_documents(texts, collection=COLLECTION, progress=told)
        found: list[Row] = []
        for number, each in enumerate(asked, 1):
            found.append(_found(promptuary, each, raw=raw))
            told(Progress("search", number, len(asked)))
    cost = effort.cost(len(asked))
    with json_lines(run) as write:
        for each, (rewrite, ranking) in zip(asked, found, strict=True):
            named = {"conversation_id": each.conversation, "turn": each.turn}
            write({**named, "rewrite": rewrite, "ranking": ranking})
    whole, groups = _scored(file, asked, found)
    report(whole, groups, cost, as_json=as_json)


def _found(promptuary: Promptuary, turn: JudgedTurn, *, raw: bool) -> Row:
    earlier = () if raw else turn.earlier
    hits = promptuary.find_passages(
        turn.text, collection=COLLECTION, limit=DEEP, explained=False, earlier=earlier
    )
    ranking = list(dict.fromkeys(hit.passage.source for hit in hits))
    return rewritten(turn.text, earlier), ranking


def _passages(file: Path) -> list[GivenText]:
    try:
        return [
            GivenText(str(row["passage_id"]), str(row["text"]), str(row.get("title", "")))
            for _, row in lines(file)
        ]
    except KeyError as error:
        raise InvalidInput(f"{file}: a passage has {error}") from error


def _scored(
    file: Path, asked: Sequence[JudgedTurn], found: Sequence[Row]
) -> tuple[Mapping[str, float], Mapping[str, Mapping[str, float]]]:
    """The figures of all turns; those of each source, and of turns that have something before."""
    truth = read_turn_truth(file)
    pairs = [(a, f, truth[a.conversation, a.turn]) for a, f in zip(asked, found, strict=True)
             if (a.conversation, a.turn) in truth]  # fmt: skip
    judged = [Judged(ranking, grades, turn.source) for turn, (_, ranking), (grades, _) in pairs]
    later = [j for j, (turn, _, _) in zip(judged, pairs, strict=True) if turn.turn > 1]
    likeness = [shared_words(gold, said) for _, (said, _), (_, gold) in pairs if gold]
    whole = dict(figures(judged))
    if likeness:
        whole["rewrite_token_f1"] = round(fmean(likeness), 4)
    return whole, {**by_group(judged), "later turns": figures(later)}
