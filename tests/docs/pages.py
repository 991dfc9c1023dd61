"""Markdown pages as the tests see them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)")
PRINTS = "<!-- what it prints -->"
NOT_RUN = re.compile(r"^<!-- not run: (?P<why>\S.*) -->$")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)|!\[[^\]]*\]\((?P<image>[^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.*)$")
TWO_SENTENCES = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)[.!?]['\")]? +[A-Z]")


@dataclass(frozen=True)
class Block:
    """A fenced block of code. `line` is where its first line stands, from 1.

    `not_run` says why it is not run; `printed` that it shows exactly what the block before prints.
    """

    page: Path
    line: int
    language: str
    code: str
    not_run: str | None
    printed: bool

    @property
    def commands(self) -> str:
        """The shell script of a `sh` block; of a `console` block the lines after `$ `."""
        if self.language == "sh":
            return self.code
        script, going_on = [], False
        for line in self.code.splitlines():
            if going_on or line.startswith("$ "):
                script.append(line.removeprefix("$ "))
                going_on = line.endswith("\\")
        return "\n".join(script)


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @cached_property
    def blocks(self) -> list[Block]:
        return [part for part in _parts(self) if isinstance(part, Block)]

    @cached_property
    def prose(self) -> list[tuple[int, str]]:
        """(line number, line) of everything outside code blocks."""
        return [part for part in _parts(self) if not isinstance(part, Block)]

    @cached_property
    def code(self) -> str:
        """Everything that is set as code, inline or in a block."""
        inline = [code for _, line in self.prose for code in re.findall(r"`([^`]+)`", line)]
        return "\n".join([*inline, *(block.code for block in self.blocks)])

    @cached_property
    def anchors(self) -> set[str]:
        """What a link to this page may name after `#`, as GitHub makes them."""
        headings = [found[1] for _, line in self.prose if (found := HEADING.match(line))]
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    def broken_links(self) -> list[str]:
        """Links within the repository that lead nowhere."""
        found = []
        for number, line in self.prose:
            for link in LINK.finditer(line):
                target = link["target"] or link["image"]
                if not re.match(r"\w+:", target) and not self._resolves(target):
                    found.append(f"{self.path}:{number}: {target}")
        return found

    def _resolves(self, target: str) -> bool:
        name, _, anchor = target.partition("#")
        path = self.path.parent / name if name else self.path
        if not path.exists():
            return False
        return not anchor or anchor in Page(path).anchors

    def crowded_lines(self) -> list[str]:
        """Lines of prose that hold more than one sentence."""
        return [
            f"{self.path}:{number}: {line}"
            for number, line in self.prose
            if not line.startswith(("|", "#")) and TWO_SENTENCES.search(_bare(line))
        ]


def _bare(line: str) -> str:
    """Without code and without a number in front."""
    return re.sub(r"^ *\d+\. ", "", re.sub(r"`[^`]*`", "x", line))


def _parts(page: Page) -> Iterator[Block | tuple[int, str]]:
    lines = iter(enumerate(page.text.splitlines(), 1))
    why: str | None = None
    printed = False
    for number, line in lines:
        if fence := FENCE.match(line):
            code = []
            for _, inner in lines:
                if inner.strip() == "```":
                    break
                code.append(inner.removeprefix(fence["indent"]))
            shown = "\n".join(code) + "\n"
            yield Block(page.path, number + 1, fence["language"], shown, why, printed)
            why, printed = None, False
        elif marked := NOT_RUN.match(line):
            why = marked["why"]
        elif line == PRINTS:
            printed = True
        else:
            why = why if not line.strip() else None
            yield number, line


def read(root: Path) -> list[Page]:
    """Every page of the repository that a person is meant to read."""
    folders = [root, root / "decisions", root / "changes", *sorted((root / "docs").rglob("*/"))]
    paths = [path for folder in [*folders, root / "docs"] for path in sorted(folder.glob("*.md"))]
    return [Page(path) for path in dict.fromkeys(paths)]
