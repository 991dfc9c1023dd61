"""`promptuary migrate`: move the index to another store, or an older service's prompts here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import anyio
import typer

from promptuary.cli.lazy import bare
from promptuary.cli.opening import opened, settings_of
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, page_json, write_json
from promptuary.cli.progress import progress

if TYPE_CHECKING:
    from promptuary.blocking import Promptuary
    from promptuary.domain.moves import Move, MoveKind
    from promptuary.domain.relevance import JudgedQuery
    from promptuary.domain.upkeep import RecordCopy

MISMATCHES = 2
"""The exit code of a comparison that found something wrong."""

app = bare(
    "Move the index to the store that PROMPTUARY_MOVE_INDEX_URL names: copied, compared with the "
    "record id by id, taken over step by step, and given back at once where you wish. With --from "
    "the prompts of an older service move here."
)
From = Annotated[
    str,
    typer.Option(
        "--from",
        metavar="URL",
        help="Prompts move from there, as redis://HOST:6379/0; else PROMPTUARY_MOVE_FROM_URL.",
    ),
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the move.")]


@app.command()
def plan(
    source: From = "",
    tenant: Annotated[
        str | None,
        typer.Option(
            "--tenant",
            metavar="NAME",
            help="Prompts move into the library of that tenant; else PROMPTUARY_MOVE_TENANT.",
        ),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Plan a move; nothing is changed yet."""
    with _opened(home, source) as promptuary:
        kind: MoveKind | None = None if not source and tenant is None else "prompts"
        return _shown(promptuary.moves.plan(kind, tenant=tenant), as_json=as_json)


@app.command()
def start(source: From = "", home: Home = None, as_json: AsJson = False) -> int:
    """Check the new store, copy everything, and compare every id; goes on where it was stopped."""
    with _opened(home, source) as promptuary, progress() as told:
        return _shown(promptuary.moves.start(progress=told), as_json=as_json)


@app.command()
def status(home: Home = None, as_json: AsJson = False) -> int:
    """Say how the newest move stands, as a report."""
    from promptuary.moving.report import report  # noqa: PLC0415 - help is quick without it

    with opened(home) as promptuary:
        move = promptuary.moves.get()
    if as_json:
        write_json(move)
    else:
        console().print(report(move), end="")
    return 0


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="How many at most.")] = 50,
    cursor: Annotated[
        str | None,
        typer.Option("--cursor", metavar="TEXT", help="Go on where the page before ended."),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List all moves, the newest first."""
    with opened(home) as promptuary:
        page = promptuary.moves.list(cursor=cursor, limit=limit)
    if as_json:
        page_json(page)
        return
    for move in page.items:
        console().print(f"{move.id}  {move.step:<12} {move.source} -> {move.target}")
    if page.next_cursor:
        console().print(f"more: --cursor {page.next_cursor}")


@app.command()
def verify(
    judged: Annotated[
        Path | None,
        typer.Option(
            "--judged", metavar="DIR", help="Ask both stores these too: queries.jsonl, qrels.tsv."
        ),
    ] = None,
    source: From = "",
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Compare every id again; the exit code is 2 when something is wrong."""
    from promptuary.moving.report import judged_lines  # noqa: PLC0415 - help is quick without it

    queries = _judged(judged) if judged else []
    with _opened(home, source) as promptuary, progress() as told:
        move = promptuary.moves.verify(progress=told)
        if queries:
            move = promptuary.moves.judge(queries, move.id)
    code = _compared(move, as_json=as_json)
    if queries and not as_json:
        console().print("\n".join(judged_lines(move.judged)))
    return code


def _judged(folder: Path) -> list[JudgedQuery]:
    """The queries of a folder as `promptuary eval prompts` reads it, those that were judged."""
    from promptuary.domain.errors import InvalidInput  # noqa: PLC0415 - help is quick without it
    from promptuary.domain.relevance import JudgedQuery  # noqa: PLC0415 - help is quick without it
    from promptuary.retrieval.evaluating.collections import (  # noqa: PLC0415 - the same
        read_qrels,
        read_queries,
    )

    qrels = read_qrels(folder)
    asked = [JudgedQuery(q.text, qrels[q.id]) for q in read_queries(folder) if q.id in qrels]
    if not asked:
        raise InvalidInput(f"{folder} judges none of its queries", fields={"judged": "no query"})
    return asked


@app.command()
def repair(source: From = "", home: Home = None, as_json: AsJson = False) -> int:
    """Compare every id, and write again what is wrong."""
    with _opened(home, source) as promptuary, progress() as told:
        return _compared(promptuary.moves.repair(progress=told), as_json=as_json)


@app.command()
def ramp(
    percent: Annotated[
        int | None,
        typer.Argument(metavar="[N]", help="Per cent; else the next of 1 5 25 50 100."),
    ] = None,
    source: From = "",
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Have the new store answer that share of the reads, the same ones each time."""
    with _opened(home, source) as promptuary:
        return _shown(promptuary.moves.ramp(percent), as_json=as_json)


@app.command()
def cutover(source: From = "", home: Home = None, as_json: AsJson = False) -> int:
    """Have the new store answer everybody; the old one stays up to date."""
    with _opened(home, source) as promptuary:
        return _shown(promptuary.moves.cutover(), as_json=as_json)


@app.command()
def rollback(
    reason: Reason = "", source: From = "", home: Home = None, as_json: AsJson = False
) -> int:
    """Have the old store answer everybody, at once; nothing is lost."""
    with _opened(home, source) as promptuary:
        return _shown(promptuary.moves.rollback(reason=reason), as_json=as_json)


@app.command()
def abort(
    reason: Reason = "", source: From = "", home: Home = None, as_json: AsJson = False
) -> int:
    """The same, for a move that is given up."""
    with _opened(home, source) as promptuary:
        said = reason or "given up by an operator"
        return _shown(promptuary.moves.rollback(reason=said), as_json=as_json)


@app.command()
def pause(
    reason: Reason = "", source: From = "", home: Home = None, as_json: AsJson = False
) -> int:
    """Let nothing go on until it is resumed."""
    with _opened(home, source) as promptuary:
        return _shown(promptuary.moves.pause(reason=reason), as_json=as_json)


@app.command()
def resume(source: From = "", home: Home = None, as_json: AsJson = False) -> int:
    """Go on from where it was paused."""
    with _opened(home, source) as promptuary:
        return _shown(promptuary.moves.resume(), as_json=as_json)


@app.command()
def finalize(
    yes: Annotated[bool, typer.Option("--yes", help="Really give the old store up.")] = False,
    source: From = "",
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Give the old store up: there is no way back from here."""
    from promptuary.domain.errors import InvalidInput  # noqa: PLC0415 - help is quick without it

    if not yes:
        raise InvalidInput("there is no way back from here; add --yes if that is meant")
    with _opened(home, source) as promptuary:
        return _shown(promptuary.moves.finalize(), as_json=as_json)


@app.command()
def record(
    to: Annotated[
        str, typer.Option("--to", metavar="URL", help="An empty database: postgresql: or sqlite:.")
    ],
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Copy the record into another database and compare every row; goes on where it was stopped.

    The exit code is 2 when something differs. The record that is copied stays as it is.
    """
    from promptuary.relocating import relocate  # noqa: PLC0415 - vendors are slow to import

    with progress() as told:
        copy = anyio.run(partial(relocate, settings_of(home), to, progress=told))
    if as_json:
        write_json(_told(copy))
    else:
        for table in copy.tables:
            wrong = "".join(f", {count:,} {fault}" for fault, count in table.faults.items())
            if table.rows or wrong:
                console().print(f"{table.name:<24} {table.rows:>12,} rows{wrong}")
        after = "every row is the same; let PROMPTUARY_DATABASE_URL name the copy"
        differs = "the copy differs: was somebody writing? Empty it, and copy again"
        console().print(f"{copy.copied:,} rows copied; {after if copy.clean else differs}")
    return 0 if copy.clean else MISMATCHES


def _told(copy: RecordCopy) -> dict[str, object]:
    said = {"rows": copy.rows, "copied": copy.copied, "clean": copy.clean}
    return {"source": copy.source, **said, "tables": copy.tables}


@app.command()
def drill(
    target: Annotated[
        str, typer.Option("--to", metavar="URL", help="Where to; else a second embedded index.")
    ] = "",
    source: Annotated[
        str,
        typer.Option(
            "--from", metavar="URL", help="An empty Redis that is filled as SmartPrompt's."
        ),
    ] = "",
    prompts: Annotated[
        int, typer.Option("--prompts", metavar="N", min=100, help="How many prompts are moved.")
    ] = 2_000,
    patience: Annotated[
        float | None,
        typer.Option(
            "--patience",
            metavar="SECONDS",
            min=0.1,
            max=60,
            help="How long a read waits for the new store; else PROMPTUARY_MOVE_PATIENCE_SECONDS.",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write the report there too.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Rehearse a whole move on prompts of its own, with faults, live traffic and the way back."""
    from promptuary.drilling import indexes  # noqa: PLC0415 - vendors are slow to import
    from promptuary.drilling import prompts as older  # noqa: PLC0415 - vendors are slow to import

    with progress() as told:
        if source:
            outcome = older.drill_prompts(source, target, prompts, told, patience=patience)
        else:
            outcome = indexes.drill(target, prompts, told, patience=patience)
    if output is not None:
        output.write_text(outcome.text, encoding="utf-8")
    if as_json:
        write_json(outcome)
    else:
        console().print(outcome.text, end="")
    return 0 if outcome.passed else MISMATCHES


@contextmanager
def _opened(home: Path | None, source: str) -> Iterator[Promptuary]:
    given = {"move_from_url": source} if source else {}
    with opened(home, **given) as promptuary:
        yield promptuary


def _shown(move: Move, *, as_json: bool) -> int:
    if as_json:
        write_json(move)
        return 0
    share = 100 if move.switched else move.percent
    paused = f", paused: {move.paused}" if move.paused else ""
    console().print(
        f"{move.step}{paused}: {move.copied:,} of {move.total:,} entries copied, "
        f"{share} % of the reads with {move.target}"
    )
    return 0


def _compared(move: Move, *, as_json: bool) -> int:
    found = move.verified
    if found is None:
        raise AssertionError  # a comparison leaves its outcome
    if as_json:
        write_json(move)
    else:
        repaired = f", {found.repaired:,} repaired" if found.repaired else ""
        console().print(f"{found.entries:,} entries compared{repaired}")
        for fault, count in found.faults.items():
            console().print(f"  {count:,} {fault}: {', '.join(found.examples.get(fault, ()))}")
    return 0 if found.clean else MISMATCHES
