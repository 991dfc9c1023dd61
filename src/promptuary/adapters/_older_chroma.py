"""Documents out of the folder in which the older question service kept Chroma's files.

Read as SQLite has them, without Chroma, which would bring the folder to its own version.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path

from promptuary.domain.documents import GivenText
from promptuary.domain.errors import InvalidInput, NotFound

FILE = "chroma.sqlite3"
LONGEST_OVERLAP = 1_000
"""So much of a piece may stand at the end of the one before, in characters."""
SHORTEST_OVERLAP = 10
_PIECES = """
SELECT coalesce(max(CASE m.key WHEN 'path' THEN m.string_value END),
                max(CASE m.key WHEN 'source' THEN m.string_value END), e.embedding_id) AS name,
       max(CASE m.key WHEN 'chroma:document' THEN m.string_value END) AS text,
       max(CASE m.key WHEN 'chunk_id'
           THEN coalesce(m.int_value, CAST(m.string_value AS INTEGER)) END) AS number
FROM embeddings e
JOIN segments s ON s.id = e.segment_id AND s.scope = 'METADATA'
JOIN collections c ON c.id = s.collection
JOIN embedding_metadata m ON m.id = e.id
WHERE c.name = ?
GROUP BY e.id
ORDER BY name, number, e.id
"""


def is_chroma(folder: Path) -> bool:
    """Whether Chroma's files lie there."""
    return (folder / FILE).is_file()


def documents_in(folder: Path, collection: str) -> Iterator[GivenText]:
    """The documents of a collection in order of their names: pieces of one `path` (or `source`) by
    their `chunk_id`, joined where they overlap.

    Raises NotFound for a collection that is not there, InvalidInput for files that are none of
    Chroma's.
    """
    address = f"{(folder / FILE).absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as opened:
            if collection not in _collections(opened):
                raise NotFound("collection", f"{collection} in {folder}")
            rows = opened.execute(_PIECES, (collection,))
            for name, pieces in groupby(rows, key=lambda row: str(row[0])):
                text = joined(text for _, text, _ in pieces if text)
                if text.strip():
                    yield GivenText(name, text, Path(name).stem)
    except sqlite3.Error as error:
        said = f"{folder / FILE} is not as Chroma keeps it: {error}"
        raise InvalidInput(said, fields={"file": said}) from error


def joined(pieces: Iterator[str]) -> str:
    """One text of pieces, of which each may begin with the end of the one before."""
    whole = ""
    for piece in pieces:
        longest = min(LONGEST_OVERLAP, len(piece), len(whole))
        sizes = range(longest, SHORTEST_OVERLAP - 1, -1)
        again = next((size for size in sizes if whole.endswith(piece[:size])), 0)
        whole += piece[again:] if again else f"\n\n{piece}" if whole else piece
    return whole


def _collections(opened: sqlite3.Connection) -> set[str]:
    return {str(name) for (name,) in opened.execute("SELECT name FROM collections")}
