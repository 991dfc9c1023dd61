"""Prompts out of files: JSON lines, JSON, CSV, plain text, chat and batch logs. Streaming.

A line that gives no prompt is reported with its number, and the rest goes on. Nothing here holds
more than a line (`lines.LINE_BYTES` at most) in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePath
from typing import BinaryIO, Literal, TypeAlias

from promptuary.canon.reading.lines import (
    LINE_BYTES,
    BadLine,
    Damaged,
    Line,
    chunks_of,
    line_number,
    lines_of,
    pieces_of,
    text_of,
)
from promptuary.canon.reading.records import (
    Messages,
    ReadPrompt,
    RecordReader,
    is_conversation,
    parsed,
)
from promptuary.canon.reading.tables import has_text_column, rows_of
from promptuary.canon.reading.values import values_of
from promptuary.domain.errors import InvalidInput
from promptuary.domain.prompts import IncomingPrompt

__all__ = ["BadLine", "Format", "ReadPrompt", "Reading", "open_file", "read_prompts"]

Format: TypeAlias = Literal["auto", "jsonl", "csv", "txt", "openai-chat", "openai-batch"]

_SUFFIXES: dict[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "txt",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read. `auto` goes by the file's name, else by how it begins.

    `text_field` names the member or column with the prompt (`a.b` for a nested one). `messages`
    says what becomes of a chat: `joined` makes one prompt of the system messages and the last user
    message, `each` makes a prompt of every system and user message. `separator` is the line that
    stands between two prompts of a plain text file (`""`: an empty line); None: a prompt a line.
    """

    format: Format = "auto"
    text_field: str | None = None
    messages: Messages = "joined"
    separator: str | None = None
    line_bytes: int = LINE_BYTES


def open_file(path: Path) -> BinaryIO:
    """The file, to be read and closed. Raises InvalidInput for what cannot be read as one."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise InvalidInput(f"there is no file {path}") from None
    except IsADirectoryError:
        raise InvalidInput(f"{path} is a folder; name the files in it, one at a time") from None
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or error}") from error


def read_prompts(
    stream: BinaryIO, how: Reading | None = None, *, name: str = ""
) -> Iterator[ReadPrompt | BadLine]:
    """Every prompt of the stream, and every place that gives none, in order.

    `name` is the file's, whose ending tells its format. Raises InvalidInput for a file that does
    not have the format at all, such as a table without the column asked for.
    """
    how = how or Reading()
    chunks = chunks_of(stream)
    try:
        begin = _until_something(chunks)
    except Damaged as error:
        return iter((BadLine(1, "DAMAGED_FILE", str(error)),))
    if not begin:
        return iter(())
    chunks = chain([begin], chunks)
    head = begin.lstrip().splitlines()[0].strip()
    match _guess(name, head) if how.format == "auto" else how.format:
        case "txt":
            return _texts(lines_of(chunks, how.line_bytes), how.separator)
        case "csv":
            reader = RecordReader(how.text_field, chat=False)
            return rows_of(lines_of(chunks, how.line_bytes), reader)
        case "openai-chat" | "openai-batch":
            reader = RecordReader(how.text_field, True, how.messages)
        case _:
            reader = RecordReader(how.text_field, None, how.messages)
    spread = head == b"{" or (head.startswith(b"[") and not _is_conversation(head))
    if spread:
        return _values(values_of(pieces_of(chunks), how.line_bytes), reader)
    return _values(lines_of(chunks, how.line_bytes), reader)


def _until_something(chunks: Iterator[bytes]) -> bytes:
    """The first chunk that is not blank, with the blank ones before it; empty when all are."""
    begin = b""
    for chunk in chunks:
        begin += chunk
        if begin.strip():
            return begin
    return b""


def _guess(name: str, head: bytes) -> Format:
    suffix = PurePath(name.removesuffix(".gz").lower()).suffix
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if head[:1] in (b"{", b"[") or _is_json(head):
        return "jsonl"
    return "csv" if has_text_column(head.decode("utf-8", "replace")) else "txt"


def _is_json(head: bytes) -> bool:
    return head[:1] == b'"' and not isinstance(parsed(1, head.decode("utf-8", "replace")), BadLine)


def _is_conversation(head: bytes) -> bool:
    """Whether that line is a list of messages: then every line is one, and not an item of it."""
    return is_conversation(parsed(1, head.decode("utf-8", "replace")))


def _values(
    lines: Iterator[Line | BadLine], reader: RecordReader
) -> Iterator[ReadPrompt | BadLine]:
    for line in lines:
        if isinstance(line, BadLine):
            yield line
            continue
        if not line.data.strip():
            continue
        text = text_of(line)
        value = text if isinstance(text, BadLine) else parsed(line.number, text)
        if isinstance(value, BadLine):
            yield value
        else:
            yield from reader.read(line.number, value)


def _texts(
    lines: Iterator[Line | BadLine], separator: str | None
) -> Iterator[ReadPrompt | BadLine]:
    if separator is not None:
        lines = _paragraphs(lines, separator.strip().encode())
    for line in lines:
        text = line if isinstance(line, BadLine) else text_of(line)
        if isinstance(text, BadLine):
            yield text
        elif text.strip():
            yield ReadPrompt(line_number(line), IncomingPrompt(text.strip("\r\n")))


def _paragraphs(lines: Iterator[Line | BadLine], separator: bytes) -> Iterator[Line | BadLine]:
    """What stands between two lines that equal `separator`, numbered by its first line."""
    held: list[bytes] = []
    begun = length = 0
    for line in chain(lines, [Line(0, separator)]):
        if isinstance(line, BadLine):
            yield line
        elif line.data.strip() != separator:
            begun = begun or line.number
            length += len(line.data)
            held = [*held, line.data] if length <= LINE_BYTES else []
        else:
            if length > LINE_BYTES:
                reason = f"the prompt has {length:,} bytes; at most {LINE_BYTES:,} are read"
                yield BadLine(begun, "LINE_TOO_LONG", reason)
            elif held:
                yield Line(begun, b"".join(held))
            held, begun, length = [], 0, 0
