"""Labelled rows: read strictly, in weeks, and turned into runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from promptuary.canon.evaluating.labelled import batches_of, read_rows, read_truth, run_row, score
from promptuary.canon.evaluating.scoring import RunRow
from promptuary.domain.errors import InvalidInput
from promptuary.domain.reports import PlacementRow


def file_of(folder: Path, *rows: object) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("".join(f"{r if isinstance(r, str) else json.dumps(r)}\n" for r in rows))
    return path


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (['{"id": '], "line 1"),
        ([{"id": "1", "text": "a"}, {"text": "b"}], "line 2: the row has no id"),
        ([{"id": "1", "text": "a"}, {"id": "1", "text": "b"}], "stands in line 1 too"),
        ([{"id": "1"}], "line 1: there is no text in 'line'"),
        ([[1]], "a row must be a JSON object"),
        ([], "is empty"),
    ],
)
def test_a_malformed_row_is_refused_with_file_and_line(
    tmp_path: Path, rows: list[object], reason: str
) -> None:
    with pytest.raises(InvalidInput, match=reason) as raised:
        read_rows(file_of(tmp_path, *rows))
    assert "rows.jsonl" in str(raised.value)


def test_malformed_truth_is_refused_with_file_and_line(tmp_path: Path) -> None:
    rows = [{"id": "1", "text": "a", "template_id": "t"}]
    with pytest.raises(InvalidInput, match=r"line 1: .*template"):
        read_truth(file_of(tmp_path, *rows))


def test_rows_with_times_come_week_by_week_and_others_as_they_stand(tmp_path: Path) -> None:
    days = ["2026-01-20", "2026-01-05", "2026-01-11", "2026-01-12"]
    rows = [{"id": str(n), "text": "t", "created_at": day} for n, day in enumerate(days)]
    weeks = [[p.id for p in week] for week in batches_of(read_rows(file_of(tmp_path, *rows)))]
    assert weeks == [["1", "2"], ["3"], ["0"]]
    rows[0].pop("created_at")
    once = [[p.id for p in week] for week in batches_of(read_rows(file_of(tmp_path, *rows)))]
    assert once == [["0", "1", "2", "3"]]


def test_a_run_writes_slots_in_single_braces_and_leaves_literal_ones_alone() -> None:
    placed = PlacementRow(
        "1", "p", "c", 'Return {"a": 1} for {{name}}', {"name": "x"}, "f", "", 0.9, ()
    )
    assert run_row(placed).template == 'Return {"a": 1} for {name}'


def test_rows_without_truth_have_no_figures(tmp_path: Path) -> None:
    truth = read_truth(file_of(tmp_path, {"id": "1", "text": "a"}))
    assert score(truth, {"1": RunRow("1", None, "a", {}, None)}) is None
