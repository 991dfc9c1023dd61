"""Documents: what a collection of knowledge holds, and the passages that are found and cited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal, TypeAlias
from uuid import NAMESPACE_URL, uuid5

from promptuary.domain.filters import Scalar

SourceStatus: TypeAlias = Literal["read", "failed", "empty"]


@dataclass(frozen=True, slots=True)
class Source:
    """A file or a page that was looked at: what is known of it, so that it need not be read again.

    Its id is `source_id` of the collection's id, `root` and `path`, which is its place under the
    root; `name` is what people see of it. `digest` is of its bytes,
    `stamp` what its folder said of it, `recipe` how it was cut. Of a `failed` one, `code` and
    `reason` say why; one that was read keeps in them what parts of it could not be. The counts are
    of what stands in the record because of it.
    """

    id: str
    collection: str
    root: str
    path: str
    name: str
    stamp: str
    digest: str
    recipe: str
    status: SourceStatus
    updated_at: datetime
    code: str = ""
    reason: str = ""
    documents: int = 0
    passages: int = 0
    characters: int = 0

    def lies_in(self, folder: str) -> bool:
        """Whether it is a file of that folder, given as a whole path, or of one inside it; or that
        file."""
        return f"{self.root.rstrip('/')}/{self.path}/".startswith(f"{folder.rstrip('/')}/")


@dataclass(frozen=True, slots=True)
class Original:
    """The file that a source was read from, as it was: the SHA-256 `digest` and the `size` of its
    bytes, the name under which the blob store keeps it (clients of a server are not told), and
    what people call its `source`."""

    blob: str
    digest: str
    size: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much there is, in numbers: sources by what became of them, and what they hold.
    `updated_at`: when one of them was last written."""

    read: int = 0
    failed: int = 0
    empty: int = 0
    documents: int = 0
    passages: int = 0
    characters: int = 0
    updated_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class GivenText:
    """A text and the id by which its sender knows it; the same id again replaces it."""

    id: str
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class AddedFile:
    """A file that was taken in: its source, and how many passages came or went for it."""

    source: Source
    changed: int


@dataclass(frozen=True, slots=True)
class Document:
    """One source that was read: a file, a page of the web. `digest` is of its raw bytes.

    `text` is everything that was read from it; offsets of passages count its characters.
    """

    id: str
    collection: str
    source: str
    title: str
    digest: str
    text: str
    created_at: datetime
    updated_at: datetime
    metadata: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Passage:
    """The piece of a document that is embedded, found and cited.

    `text` is exactly the characters from `start` to `end` of the document's text. `line` and
    `page` count from 1, where the source has such (a line, where those of the text are those of the
    source); `headings` are those above it, outermost first;
    the last one of rows whose head stands in an earlier passage is that head: `| name | size |`.
    """

    id: str
    document_id: str
    collection: str
    source: str
    title: str
    seq: int
    text: str
    start: int
    end: int
    headings: tuple[str, ...] = ()
    line: int | None = None
    page: int | None = None
    metadata: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def section(self) -> str:
        """What the part of the document is called that it stands in: its last heading that is no
        head of a table, or the title."""
        named = [each for each in self.headings if not _is_head(each)]
        return named[-1] if named else self.title

    @property
    def columns(self) -> tuple[str, ...]:
        """How the columns of the rows it begins with are called, where it lacks their head."""
        if not self.headings or not _is_head(self.headings[-1]):
            return ()
        return tuple(cell.strip() for cell in self.headings[-1].strip("|").split("|"))


@dataclass(frozen=True, slots=True)
class Content:
    """A source with all that was read from it."""

    source: Source
    documents: tuple[Document, ...] = ()
    passages: tuple[Passage, ...] = ()


def source_id(collection: str, root: str, path: str) -> str:
    """The id of a source in the collection of that id: the same on every machine."""
    return _id("source", collection, root, path)


def document_id(source: str, part: str) -> str:
    """The id of a document within the source of that id."""
    return _id("document", source, part)


def passage_id(document: str, *content: str) -> str:
    """The id of a passage of that content: it stays while the content does, wherever it moves to
    within its document."""
    return _id("passage", document, *content)


def _id(kind: str, *parts: str) -> str:
    whole = "\0".join(parts).encode("utf-8", "surrogatepass")
    return str(uuid5(NAMESPACE_URL, f"promptuary:{kind}:{sha256(whole).hexdigest()}"))


def _is_head(heading: str) -> bool:
    return len(heading) > 1 and heading.startswith("|") and heading.endswith("|")
