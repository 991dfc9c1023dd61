"""The driver of conversations under load keeps what it measured, whatever ends it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench import conversation_load
from bench.speed import Row, row


def measured(count: int) -> Iterator[Row]:
    """Two rows; with a million events it dies after the first."""
    yield row(f"{count:,} events taken in", "", count, "", "", None)
    if count == 1_000_000:
        raise RuntimeError("out of time")
    yield row(f"{count:,}: errors", "0", 0, "", "", None)


def test_a_run_that_dies_at_the_largest_size_keeps_the_rows_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "load.json"
    monkeypatch.setattr(conversation_load, "measured", measured)
    for sizes in ((20_000, 1_000_000), (1_000_000,)):
        with pytest.raises(RuntimeError):
            conversation_load.main(output, sizes)
        whats = [each["what"] for each in json.loads(output.read_text("utf-8"))]
        assert whats == [
            "20,000 events taken in",
            "20,000: errors",
            "1,000,000 events taken in",
        ]
