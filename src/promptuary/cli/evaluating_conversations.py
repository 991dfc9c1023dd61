"""`promptuary eval conversation`: how often questions over events are answered exactly."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from promptuary.cli.effort import Cost, Effort, cost_line, workplace
from promptuary.cli.events import AT_ONCE, read_cameras, read_events
from promptuary.cli.exporting import json_lines
from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, write_json
from promptuary.cli.progress import progress
from promptuary.conversation.evaluating import AnswerRow, Asked, read_asked, read_gold, score
from promptuary.domain.clips import ClipLink, in_folder
from promptuary.domain.errors import PromptuaryError
from promptuary.domain.reports import Progress, Told

if TYPE_CHECKING:
    from promptuary.blocking import Promptuary

EVIDENCE = 25
"""Events that are named for each answer."""


def conversation(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Holds stream.jsonl, and cameras.json.")
    ],
    questions: Annotated[
        Path,
        typer.Option(metavar="FILE", help="Rows {id, question, now, timezone} or dialogs."),
    ],
    run: Annotated[
        Path, typer.Option("--run", metavar="OUT.jsonl", help="Where to write what was said.")
    ],
    *,
    seed: Annotated[  # noqa: ARG001 - every `eval` takes one
        int | None, typer.Option("--seed", help="Taken for sameness: nothing here is drawn.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Ask every question over the events, write what was said, then compare it with the truth."""
    asked = read_asked(questions)
    with workplace(home) as place, TemporaryDirectory(prefix="promptuary-clips-") as clips:
        held = lay_recordings(folder / "stream.jsonl", Path(clips))
        effort = Effort.begin()
        found: list[AnswerRow] = []
        with opened(place, clip_store=f"folder:{clips}") as promptuary, progress() as told:
            if (folder / "cameras.json").exists():
                promptuary.conversation.describe_cameras(read_cameras(folder / "cameras.json"))
            fill(promptuary, folder / "stream.jsonl", told)
            thread: dict[str, str] = {}
            for number, each in enumerate(asked, 1):
                found.append(_answered(promptuary, each, thread, held))
                told(Progress("search", number, len(asked)))
    cost = effort.cost(len(asked))
    with json_lines(run) as write:
        for row in found:
            write(row.plain())
    _report(score(read_gold(questions), found), cost, as_json=as_json)


def fill(promptuary: Promptuary, stream: Path, told: Told) -> None:
    """Take in the events of a file."""
    batch: list[Mapping[str, Any]] = []
    taken = 0
    for row in read_events(stream):
        batch.append(row)
        if len(batch) == AT_ONCE:
            taken = _take(promptuary, batch, taken, told)
    _take(promptuary, batch, taken, told)


def _take(promptuary: Promptuary, batch: list[Mapping[str, Any]], taken: int, told: Told) -> int:
    promptuary.conversation.add_events(batch, first=taken + 1)
    taken += len(batch)
    batch.clear()
    told(Progress("read", taken, None))
    return taken


def lay_recordings(stream: Path, place: Path) -> Mapping[str, bytes]:
    """A stand-in for the recording of every event that names one, where a folder of recordings has
    it; what it holds is its own name. By event: what its link must open."""
    held: dict[str, bytes] = {}
    for row in read_events(stream):
        parts = in_folder(row.get("clip"))
        if parts is not None and isinstance(row.get("event_id"), str):
            file = place.joinpath(*parts)
            file.parent.mkdir(parents=True, exist_ok=True)
            held[row["event_id"]] = "/".join(parts).encode()
            file.write_bytes(held[row["event_id"]])
    return held


def _opened(
    promptuary: Promptuary, links: Sequence[ClipLink], held: Mapping[str, bytes]
) -> frozenset[str]:
    """The events whose links, opened as whoever got the answer would, lead to their recordings."""
    right: set[str] = set()
    for link in links:
        with suppress(PromptuaryError):
            if link.available and promptuary.conversation.open_link(link.url) == held.get(
                link.event_id
            ):
                right.add(link.event_id)
    return frozenset(right)


def _answered(
    promptuary: Promptuary, asked: Asked, thread: dict[str, str], held: Mapping[str, bytes]
) -> AnswerRow:
    began = time.perf_counter()
    turn = promptuary.conversation.converse(
        asked.question,
        conversation_id=thread.get(asked.conversation_id) if asked.turn > 1 else None,
        timezone=asked.timezone,
        now=asked.now,
        limit=EVIDENCE,
    )
    thread[asked.conversation_id] = turn.conversation.id
    reply = turn.reply
    latency = round((time.perf_counter() - began) * 1_000, 3)
    evidence = tuple(each.id for each in reply.evidence)
    linked = [each for each in reply.clips if each.available]
    return AnswerRow(
        asked.key,
        reply.value,
        reply.text,
        reply.refused is not None,
        evidence,
        tuple(each.url for each in linked),
        latency,
        frozenset(held.keys() & {*evidence} | {each.event_id for each in linked}),
        _opened(promptuary, linked, held),
    )


def _report(figures: Mapping[str, float], cost: Cost, *, as_json: bool) -> None:
    if as_json:
        write_json({"figures": figures, "cost": cost})
        return
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for name, value in figures.items():
        table.add_row(name, f"{value:,}" if float(value).is_integer() else f"{value:.4f}")
    out = console()
    out.print(table)
    out.print(cost_line(cost))
