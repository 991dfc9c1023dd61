"""Labelled rows: prompts with what is true of them, for measuring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from promptuary.canon.evaluating.events import Seen, TrueEvent
from promptuary.canon.evaluating.scoring import (
    Figures,
    Labelled,
    Pair,
    RunRow,
    score_datasets,
    score_intents,
    score_templates,
)
from promptuary.canon.reading import open_file
from promptuary.canon.reading.lines import BadLine, chunks_of, lines_of, text_of
from promptuary.canon.reading.records import ReadPrompt, RecordReader, parsed
from promptuary.canon.templates.filling import parse
from promptuary.domain.errors import InvalidInput
from promptuary.domain.prompts import IncomingPrompt
from promptuary.domain.reports import PlacementRow

GROUP_FIELDS = ("template_id", "event_id")


def read_rows(path: Path) -> list[ReadPrompt]:
    """The prompts of `{id, text or line, created_at?, dataset?}` rows, without their truth.

    Raises InvalidInput with file and line for a row that is malformed or whose id came before.
    """
    rows: list[ReadPrompt] = []
    lines: dict[str, int] = {}
    for line, record in _records(path):
        field = "text" if "text" in record else "line"
        read = next(RecordReader(text_field=field, chat=False).read(line, record))
        if isinstance(read, BadLine):
            raise _wrong(path, line, read.reason)
        key = read.prompt.id
        if key is None:
            raise _wrong(path, line, "the row has no id")
        if key in lines:
            raise _wrong(path, line, f"the id {key!r} stands in line {lines[key]} too")
        lines[key] = line
        rows.append(read)
    if not rows:
        raise InvalidInput(f"{path} is empty: there is nothing to measure")
    return rows


def read_truth(path: Path) -> list[Labelled]:
    """What is true of those rows, in the same order. Raises InvalidInput with file and line."""
    return [_labelled(path, line, record) for line, record in _records(path)]


def read_seen(path: Path) -> dict[str, Seen]:
    """Of each prompt, by its id, the lineage and when it was sent. Raises InvalidInput with file
    and line."""
    return {
        str(record.get("id")): Seen(
            str(record.get("family_id")), _time(path, line, record, "created_at")
        )
        for line, record in _records(path)
    }


def read_events(path: Path) -> list[TrueEvent]:
    """Labelled events `{type, family_id, created_at, end_at?}`. Raises InvalidInput likewise."""
    return [
        TrueEvent(
            str(record.get("type")),
            str(record.get("family_id")),
            _time(path, line, record, "created_at"),
            _time(path, line, record, "end_at" if "end_at" in record else "created_at"),
        )
        for line, record in _records(path)
    ]


def _time(path: Path, line: int, record: Mapping[str, object], field: str) -> datetime:
    try:
        at = datetime.fromisoformat(str(record.get(field)))
    except ValueError:
        raise _wrong(path, line, f"`{field}` is no time") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def batches_of(rows: Sequence[ReadPrompt]) -> Iterator[list[IncomingPrompt]]:
    """Week by week where every row has a time, all at once in the order of the file otherwise."""
    prompts = [row.prompt for row in rows]
    timed = [(p.created_at, p) for p in prompts if p.created_at is not None]
    if len(timed) < len(prompts):
        yield prompts
        return
    timed.sort(key=lambda each: each[0])
    week: list[IncomingPrompt] = []
    ends = timed[0][0] + timedelta(days=7)
    for time, prompt in timed:
        while time >= ends:
            ends += timedelta(days=7)
            if week:
                yield week
            week = []
        week.append(prompt)
    yield week


def run_row(placed: PlacementRow) -> RunRow:
    """A placement in the form of a run: slots as `{name}`; a prompt alone is its own template."""
    parts = parse(placed.template or "")
    template = "".join(part if isinstance(part, str) else f"{{{part.name}}}" for part in parts)
    return RunRow(placed.id, placed.cluster_id, template, placed.slots, placed.family_cluster)


def score(rows: Sequence[Labelled], run: Mapping[str, RunRow]) -> Figures | None:
    """The figures that the truth allows; None where the rows have none."""
    pairs: list[Pair] = [(row, run[row.id]) for row in rows]
    if all(row.group is not None for row in rows):
        sets = any(row.dataset is not None for row in rows)
        return score_datasets(pairs) if sets else score_templates(pairs)
    if all(row.label is not None or row.out_of_scope for row in rows):
        return score_intents(pairs)
    return None


def _records(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    with open_file(path) as stream:
        for line in lines_of(chunks_of(stream)):
            if isinstance(line, BadLine):
                raise _wrong(path, line.line, line.reason)
            if not line.data.strip():
                continue
            text = text_of(line)
            value = text if isinstance(text, BadLine) else parsed(line.number, text)
            if isinstance(value, BadLine):
                raise _wrong(path, value.line, value.reason)
            if not isinstance(value, Mapping):
                raise _wrong(path, line.number, "a row must be a JSON object")
            yield line.number, value


def _labelled(path: Path, line: int, record: Mapping[str, object]) -> Labelled:
    group = next((str(record[name]) for name in GROUP_FIELDS if name in record), None)
    slots = record.get("slots")
    if group is not None and not isinstance(record.get("template"), str):
        raise _wrong(path, line, "the row names a template's id but lacks `template`, its text")
    if slots is not None and not isinstance(slots, Mapping):
        raise _wrong(path, line, "`slots` must be an object of names and values")
    return Labelled(
        id=str(record["id"]),
        text=str(record.get("text", record.get("line"))),
        group=group,
        family=_text(record, "family_id"),
        template=_text(record, "template"),
        slots=None if slots is None else {str(n): str(v) for n, v in slots.items()},
        kind=_text(record, "kind"),
        label=_text(record, "label"),
        out_of_scope=bool(record.get("oos")),
        dataset=_text(record, "dataset"),
    )


def _text(record: Mapping[str, object], name: str) -> str | None:
    value = record.get(name)
    return None if value is None else str(value)


def _wrong(path: Path, line: int, reason: str) -> InvalidInput:
    where = f"{path}, line {line}"
    return InvalidInput(f"{where}: {reason}", fields={where: reason})
