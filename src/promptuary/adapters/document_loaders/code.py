"""`code:` source code in any language that has lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptuary.adapters.document_loaders._text import (
    Line,
    block_of,
    decoded,
    lines_of,
    paragraphs,
)
from promptuary.domain.loading import Block, Limits, Loaded, RawFile

LANGUAGES = frozenset(
    re.findall(
        r"[\w.]+",
        ".py .pyi .js .mjs .cjs .jsx .ts .tsx .java .kt .scala .go .rs .c .h .cc .cpp .hpp .cs "
        ".swift .rb .php .pl .lua .r .jl .hs .ml .ex .exs .erl .clj .dart .sh .bash .zsh .fish "
        ".ps1 .bat .sql .css .scss .less .vue .svelte .proto .graphql .tf .hcl .nix .yaml .yml "
        ".toml .ini .cfg .conf .properties .gradle .cmake .make .mk .dockerfile .xml .xsd .xsl",
    )
)
NAMES = frozenset({"makefile", "dockerfile", "justfile", "rakefile", "gemfile", "cmakelists"})
_BEGINS = re.compile(
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|pub"
    r"|unsafe|override|open|sealed|inline)\s+(?:\(\w+\)\s+)?)*"
    r"(?:class|def|function|func|fn|interface|struct|enum|trait|impl|module|namespace|record|object"
    r"|type|message|service|resource|procedure)\b\s*[\w(*&<]"
)
_TAB = 4


def connect(url: str) -> CodeLoader:  # noqa: ARG001  every adapter is opened by a URL
    """`code:`"""
    return CodeLoader()


class CodeLoader:
    """A line that begins a class or a function is a heading, as deep as it is indented; between
    them, what stands between blank lines is a block."""

    @property
    def suffixes(self) -> frozenset[str]:
        """Source code, and settings that people write."""
        return LANGUAGES | NAMES

    def load(self, file: RawFile, limits: Limits) -> Iterator[Loaded]:
        """As the port says."""
        text = decoded(file, limits)
        blocks = tuple(block for run in paragraphs(lines_of(text)) for block in _blocks(text, run))
        if blocks:
            yield Loaded(text, blocks, file.name.rpartition("/")[2])


def _blocks(text: str, run: list[Line]) -> Iterator[Block]:
    rest: list[Line] = []
    for line in run:
        if _BEGINS.match(line.text, line.indent):
            yield from _code(text, rest)
            rest = []
            depth = len(line.text[: line.indent].expandtabs(_TAB)) // _TAB
            block = block_of(text, "heading", [line], level=min(depth, 5) + 1)
            if block:
                yield block
        else:
            rest.append(line)
    yield from _code(text, rest)


def _code(text: str, lines: list[Line]) -> Iterator[Block]:
    block = block_of(text, "code", lines) if lines else None
    if block:
        yield block
