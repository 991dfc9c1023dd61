"""`promptuary eval qa` and `eval chunks`: how good answers are, and what was found for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich.console import Console
from rich.table import Table

from promptuary.answering.evaluating.labelled import read_gold, read_questions
from promptuary.answering.evaluating.ranges import Range, score_ranges
from promptuary.answering.evaluating.scoring import AnswerRow, score_answers
from promptuary.cli.effort import Cost, Effort, cost_line, workplace
from promptuary.cli.exporting import json_lines
from promptuary.cli.opening import settings_of
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, write_json
from promptuary.cli.progress import progress
from promptuary.domain.answers import Refusal
from promptuary.domain.reports import Progress, Told
from promptuary.retrieval.evaluating.collections import Row, read_corpus

if TYPE_CHECKING:
    from promptuary.blocking import Promptuary

COLLECTION = "eval"
Folder: TypeAlias = Annotated[
    Path, typer.Argument(metavar="DIR", help="Holds corpus.jsonl and qa.jsonl.")
]
RunFile: TypeAlias = Annotated[
    Path, typer.Option("--run", metavar="OUT.jsonl", help="Where to write what was said.")
]
Spec: TypeAlias = Annotated[
    str | None, typer.Option("--embedder", metavar="SPEC", help="The embedding model to use.")
]
Seed: TypeAlias = Annotated[
    int | None, typer.Option("--seed", help="Taken for sameness: nothing here is drawn.")
]


def qa(
    folder: Folder,
    run: RunFile,
    *,
    chat_model: Annotated[
        str | None, typer.Option("--chat-model", metavar="URL", help="The model that answers.")
    ] = None,
    embedder: Spec = None,
    seed: Seed = None,  # noqa: ARG001 - every `eval` takes one
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Ask every question, write what was said, then compare it with the truth.

    Every question gets the answer that it would get if nothing were refused, and its confidence;
    `refused` says what the settings make of that. The truth is read only after the run is written.
    """
    questions, rows = read_questions(folder / "qa.jsonl"), read_corpus(folder)
    effort = Effort.begin()
    least = settings_of(home).min_confidence
    with _shelf(home, rows, embedder, chat_model) as (promptuary, told):
        found: dict[str, AnswerRow] = {}
        for at, (key, question) in enumerate(questions, start=1):
            found[key] = _answered(promptuary, key, question, least)
            told(Progress("search", at, len(questions)))
    cost = effort.cost(len(rows) + len(questions))
    with json_lines(run) as write:
        for row in found.values():
            write(row)
    _report(score_answers(read_gold(folder / "qa.jsonl"), found), cost, as_json=as_json)


def chunks(
    folder: Folder,
    run: RunFile,
    *,
    embedder: Spec = None,
    seed: Seed = None,  # noqa: ARG001 - every `eval` takes one
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Write which characters are looked at for each question, then compare with the evidence.

    The evidence are the `spans` of the questions; it is read only after the run is written.
    """
    questions, rows = read_questions(folder / "qa.jsonl"), read_corpus(folder)
    effort = Effort.begin()
    with _shelf(home, rows, embedder, None) as (promptuary, told):
        found: dict[str, list[Range]] = {}
        for at, (key, question) in enumerate(questions, start=1):
            found[key] = _looked_at(promptuary, question)
            told(Progress("search", at, len(questions)))
    cost = effort.cost(len(rows) + len(questions))
    with json_lines(run) as write:
        for key, ranges in found.items():
            write({"id": key, "ranges": [[r.document, r.start, r.end] for r in ranges]})
    _report(score_ranges(read_gold(folder / "qa.jsonl"), found), cost, as_json=as_json)


@contextmanager
def _shelf(
    home: Path | None, rows: Sequence[Row], embedder: str | None, chat_model: str | None
) -> Iterator[tuple[Promptuary, Told]]:
    """Promptuary with these documents, on ordinary settings but for what is named."""
    from promptuary.blocking import Promptuary  # noqa: PLC0415 - vendors are slow to import
    from promptuary.domain.documents import GivenText  # noqa: PLC0415 - the same

    named = {"embedder": embedder, "chat_models": (chat_model,) if chat_model else None}
    with workplace(home) as place, progress() as told:
        settings = settings_of(place).model_copy(
            update={name: value for name, value in named.items() if value is not None}
        )
        with Promptuary.open(settings=settings) as promptuary:
            texts = [GivenText(row.id, row.text, row.title) for row in rows]
            promptuary.add_documents(texts, collection=COLLECTION, progress=told)
            yield promptuary, told


def _answered(promptuary: Promptuary, key: str, question: str, least: float) -> AnswerRow:
    said = promptuary.ask(question, collection=COLLECTION, min_confidence=0.0)
    if isinstance(said, Refusal):
        return AnswerRow(key, "", said.confidence, refused=True)
    first = said.citations[0]
    sources = tuple(dict.fromkeys(each.source for each in said.citations))
    span = (first.start, first.end)
    refused = said.confidence < least
    return AnswerRow(key, said.text, said.confidence, refused, sources, first.quote, span)


def _looked_at(promptuary: Promptuary, question: str) -> list[Range]:
    said = promptuary.ask(question, collection=COLLECTION, min_confidence=0.0)
    nearest = said.nearest if isinstance(said, Refusal) else [c.passage for c in said.considered]
    return [Range(each.source, each.start, each.end) for each in nearest]


def _report(figures: Mapping[str, float], cost: Cost, *, as_json: bool) -> None:
    if as_json:
        write_json({"figures": figures, "cost": cost})
        return
    out: Console = console()
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for name, value in figures.items():
        table.add_row(name, f"{value:,}" if float(value).is_integer() else f"{value:.4f}")
    out.print(table)
    out.print(cost_line(cost))
