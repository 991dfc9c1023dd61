"""Closing the synchronous face ends whatever still runs behind it."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from promptuary.blocking import Promptuary


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_what_would_never_end_is_given_up_when_it_closes(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "tea.md").write_text("Brew it at 75 degrees.\n")
    ended: list[type[BaseException]] = []
    promptuary = Promptuary.open(str(tmp_path / "home"))
    reports = promptuary.watch(folder)
    assert next(reports).counts == {"new": 1}
    asked = threading.Event()

    def wait_for_a_change() -> None:
        asked.set()
        try:
            next(reports)
        except BaseException as error:
            ended.append(type(error))

    waiting = threading.Thread(target=wait_for_a_change)
    waiting.start()
    asked.wait()
    promptuary.close()
    waiting.join()
    assert ended in ([CancelledError], [RuntimeError]), "given up, or too late to begin"
