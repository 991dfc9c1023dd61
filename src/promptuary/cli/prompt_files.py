"""Files and folders that prompts are read from, and a folder that they are written into."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from promptuary.cli.exporting import whole_file
from promptuary.domain.errors import InvalidInput, Rejected
from promptuary.domain.exchange import Exported, ImportOutcome, ImportReport, Unmapped

STDIN = Path("-")


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A file to read: `folder` is where below a given folder it stood."""

    path: Path
    folder: str = ""

    def read(self) -> bytes:
        """Its bytes. Raises InvalidInput when it cannot be read."""
        return read(self.path)


def read(path: Path) -> bytes:
    """The file's bytes, those of the input for `-`. Raises InvalidInput when it cannot be read."""
    if path == STDIN:
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or error}") from error


def found(paths: Sequence[Path], suffix: str) -> list[PromptFile]:
    """These files, and of folders the files below that end so, in the order of their names; none
    that is hidden, and none behind a link to a folder. Raises InvalidInput for an empty folder."""
    files: list[PromptFile] = []
    for path in paths:
        if not path.is_dir():
            files.append(PromptFile(path))
            continue
        inside = [
            PromptFile(each, each.parent.relative_to(path).as_posix().removeprefix("."))
            for each in sorted(path.rglob(f"*{suffix}"))
            if each.is_file() and not _hidden(each.relative_to(path))
        ]
        if not inside:
            raise InvalidInput(f"{path} is a folder without a file that ends in {suffix}")
        files += inside
    return files


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def take_in(
    files: Sequence[PromptFile], take: Callable[[PromptFile], ImportReport], dry_run: bool
) -> Iterator[ImportReport]:
    """The report of each file. Of several one that is broken is told as a prompt that failed, and
    the rest goes on; a slug that came before is told."""
    seen: dict[str, Path] = {}
    for file in files:
        try:
            report = take(file)
        except Rejected as refused:
            if len(files) == 1:
                raise
            failed = ImportOutcome(str(file.path), "failed", 0, refused.code, str(refused))
            report = ImportReport("", dry_run, (failed,), ())
        slugs = [each.slug for each in report.outcomes]
        notes = [
            Unmapped(slug, "name", f"{seen[slug]} has a prompt of that name too")
            for slug in slugs
            if slug in seen
        ]
        named = [
            replace(each, where=str(file.path)) if each.where == "file" else each
            for each in report.unmapped
        ]
        seen |= dict.fromkeys(slugs, file.path)
        yield replace(report, unmapped=(*(report.unmapped if len(files) == 1 else named), *notes))


def put_into(
    folder: Path, slugs: Sequence[str], suffix: str, export: Callable[[str], Exported]
) -> list[tuple[Path, Exported]]:
    """A file for each prompt, where its slug says, in folders of the slug's. Raises InvalidInput
    for a place that cannot be written."""
    written: list[tuple[Path, Exported]] = []
    for slug in slugs:
        path, exported = folder / f"{slug}{suffix}", export(slug)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidInput(f"{path.parent} cannot be made: {error.strerror}") from error
        with whole_file(path) as file:
            file.write(exported.data)
        written.append((path, exported))
    return written
