"""Files of prompts in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from promptuary.canon.reading import BadLine, ReadPrompt, open_file, read_prompts
from promptuary.domain.errors import InvalidInput
from promptuary.domain.prompts import IncomingPrompt

SUFFIXES: Final = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt")
KEPT: Final = 1_000


def files_of(folder: Path) -> list[Path]:
    """Every file under the folder that holds prompts by its name (`.gz` too), by path; those that
    a link leads out of it to are left out. Raises InvalidInput for what is no folder."""
    if not folder.is_dir():
        raise InvalidInput(f"{folder.name or folder} is no folder that can be read")
    root = folder.resolve()
    found = (each for each in folder.rglob("*") if each.name.removesuffix(".gz").endswith(SUFFIXES))
    return sorted(each for each in found if each.is_file() and each.resolve().is_relative_to(root))


@dataclass(slots=True)  # changes: it counts and notes while others read from it
class PromptsOfFile:
    """The prompts of a file; counts them, and keeps the first 1,000 places that gave none."""

    path: Path
    read: int = 0
    bad_count: int = 0
    bad: list[BadLine] = field(default_factory=list)

    def __iter__(self) -> Iterator[IncomingPrompt]:
        """Raises InvalidInput for a file that cannot be read as what its name says."""
        with open_file(self.path) as stream:
            for each in read_prompts(stream, name=self.path.name):
                if isinstance(each, ReadPrompt):
                    self.read += 1
                    yield each.prompt
                else:
                    self.bad_count += 1
                    if len(self.bad) < KEPT:
                        self.bad.append(each)
