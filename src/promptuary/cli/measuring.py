"""`promptuary eval retrieval` and `eval prompts`: how well what is asked for is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer
from rich.console import Console
from rich.table import Table

from promptuary.cli.effort import Cost, Effort, cost_line, workplace
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, write_json
from promptuary.cli.progress import progress
from promptuary.retrieval.evaluating.collections import (
    read_corpus,
    read_qrels,
    read_queries,
    write_run,
)
from promptuary.retrieval.evaluating.scoring import Figures, score, score_groups

Folder: TypeAlias = Annotated[
    Path, typer.Argument(metavar="DIR", help="Holds corpus.jsonl, queries.jsonl and qrels.tsv.")
]
RunFile: TypeAlias = Annotated[
    Path, typer.Option("--run", metavar="OUT.tsv", help="Where to write what was found.")
]
Spec: TypeAlias = Annotated[
    str | None, typer.Option("--embedder", metavar="SPEC", help="The embedding model to use.")
]
Ranker: TypeAlias = Annotated[
    Literal["words", "meaning", "hybrid"], typer.Option(help="What the ranking looks at.")
]
Seed: TypeAlias = Annotated[
    int | None, typer.Option("--seed", help="Taken for sameness: nothing here is drawn.")
]


def retrieval(
    folder: Folder,
    run: RunFile,
    *,
    embedder: Spec = None,
    ranker: Ranker = "hybrid",
    seed: Seed = None,  # noqa: ARG001 - every `eval` takes one
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Find the documents that each query asks for, write the run, then compare it with the truth.

    Writes up to 100 lines `query_id, doc_id, score` a query. The truth is read only after that.
    Without `--home` the work is done in a temporary folder.
    """
    _evaluate("documents", folder, run, embedder, ranker, home, as_json=as_json)


def prompts(
    folder: Folder,
    run: RunFile,
    *,
    embedder: Spec = None,
    ranker: Ranker = "hybrid",
    seed: Seed = None,  # noqa: ARG001 - every `eval` takes one
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Find the prompts that each query asks for, write the run, then compare it with the truth.

    The rows of the corpus are prompts of a library, with title, text and tags.
    """
    _evaluate("prompts", folder, run, embedder, ranker, home, as_json=as_json)


def _evaluate(
    about: Literal["documents", "prompts"],
    folder: Path,
    run: Path,
    spec: str | None,
    ranker: Literal["words", "meaning", "hybrid"],
    home: Path | None,
    *,
    as_json: bool,
) -> None:
    from promptuary.cli import finding  # noqa: PLC0415 - vendors are slow to import

    find = finding.find_documents if about == "documents" else finding.find_prompts
    rows, queries = read_corpus(folder), read_queries(folder)
    effort = Effort.begin()
    with workplace(home) as place, progress() as told:
        found = find(place, spec, ranker, rows, queries, told)
    cost = effort.cost(len(rows) + len(queries))
    write_run(run, found)
    qrels = read_qrels(folder)
    figures = score(qrels, found)
    groups = score_groups(qrels, found, {query.id: query.group for query in queries})
    if as_json:
        parts = {name: asdict(part) for name, part in groups.items()}
        whole = asdict(figures) if figures else {}
        write_json({"figures": whole, "groups": parts, "cost": cost})
    else:
        _print(console(), figures, groups, cost)


def _print(
    out: Console, figures: Figures | None, groups: Mapping[str, Figures], cost: Cost
) -> None:
    if figures is None:
        out.print("nothing is judged: only the run was written")
    else:
        table = Table("", *asdict(figures), box=None, padding=(0, 2, 0, 0))
        for name, part in ({"all": figures} | dict(groups)).items():
            table.add_row(
                name,
                *(f"{v:.4f}" if isinstance(v, float) else str(v) for v in asdict(part).values()),
            )
        out.print(table)
    out.print(cost_line(cost))
