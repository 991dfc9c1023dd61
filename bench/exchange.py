"""Import and export of prompts: made-up files of every format that come back byte for byte.

The files are those of `tests/library/exchange_files.py`, drawn from a fixed seed; those without a
prompt in them do not count.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tests.library.exchange_files import FILES

from bench.speed import Row, row
from promptuary.domain.errors import Unsupported
from promptuary.domain.library import PromptHistory
from promptuary.library.exchange.bundle import read_bundle, write_bundle
from promptuary.library.exchange.formats import FORMS
from promptuary.library.exchange.forms import Form
from promptuary.library.exchange.reading import read
from promptuary.library.exchange.writing import write

CASES, SEED = 200, 7
NOW = datetime(2030, 1, 31, tzinfo=UTC)
GOAL = "100 %"


def main(output: Path) -> None:
    """Count, and write the rows."""
    rows = [each for name in FILES for each in _of(FORMS[name])]
    rows += [_share("bundle, written, read and written again", _bundled, _mixed())]
    output.write_text(json.dumps([*rows, *_speed()], indent=1) + "\n", "utf-8")


def _of(form: Form) -> list[Row]:
    def same(file: bytes) -> bool | None:
        histories = read(form, file, NOW).histories
        return write(form, histories).data == file if histories else None

    def stable(file: bytes) -> bool | None:
        bare = [replace(each, carried=()) for each in read(form, file, NOW).histories]
        if not bare:
            return None
        try:
            new = write(form, bare[:1] if form.single else bare).data
        except Unsupported:
            return None
        return write(form, read(form, new, NOW).histories).data == new

    return [
        _share(f"{form.name}, the imported file exported", same, FILES[form.name]),
        _share(f"{form.name}, a new file imported and exported", stable, FILES[form.name]),
    ]


def _mixed() -> st.SearchStrategy[bytes]:
    return FILES["langfuse"]


def _bundled(file: bytes) -> bool | None:
    histories: tuple[PromptHistory, ...] = read(FORMS["langfuse"], file, NOW).histories
    bundle = write_bundle(histories)
    return write_bundle(read_bundle(bundle).histories) == bundle if histories else None


def _share(
    what: str, try_it: Callable[[bytes], bool | None], files: st.SearchStrategy[bytes]
) -> Row:
    """The share of files that come back equal, of as many as the goal asks for."""
    outcomes: list[bool] = []

    @seed(SEED)
    @settings(
        max_examples=2 * CASES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(files)
    def run(file: bytes) -> None:
        outcome = try_it(file) if len(outcomes) < CASES else None
        if outcome is not None:
            outcomes.append(outcome)

    run()
    share = 100 * sum(outcomes) / len(outcomes)
    return row(f"{what}, {len(outcomes)} files", GOAL, share, "%", "", None)


def _speed() -> list[Row]:
    """Processor time for a file of a thousand prompts."""
    rows = [
        {
            "name": f"folder/prompt {number}",
            "version": 1,
            "type": "text",
            "prompt": f"Answer question {number} of {{{{customer}}}} in {{{{count}}}} words. " * 10,
            "labels": ["production"],
            "tags": ["made up"],
            "config": {"temperature": 0.2},
        }
        for number in range(1000)
    ]
    file = json.dumps(rows, indent=2).encode()
    began = time.process_time()
    histories = read(FORMS["langfuse"], file, NOW).histories
    middle = time.process_time()
    assert write(FORMS["langfuse"], histories).data == file
    end = time.process_time()
    return [
        row("langfuse, 1,000 prompts read, CPU", "", middle - began, "s", "", None),
        row("langfuse, 1,000 prompts written, CPU", "", end - middle, "s", "", None),
    ]
