"""Documents of the older question service, out of the folder of Chroma's files."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from promptuary.adapters._older_chroma import documents_in, is_chroma, joined
from promptuary.domain.documents import GivenText
from promptuary.domain.errors import InvalidInput, NotFound

from .conftest import Cli

Piece = tuple[str, Mapping[str, str | int]]
PIECES: Sequence[Piece] = [
    ("until the evening. It is cleaned on Mondays.", {"path": "a.md", "chunk_id": 10}),
    ("The oven is lit at five and stays hot until the evening.", {"path": "a.md", "chunk_id": 9}),
    ("Flour comes on Tuesdays.", {"source": "b.md", "host": "mill.example", "chunk_id": "0"}),
    ("Nobody says where this is from.", {}),
]
TABLES = """
CREATE TABLE collections (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE segments (id TEXT PRIMARY KEY, scope TEXT NOT NULL, collection TEXT NOT NULL);
CREATE TABLE embeddings (id INTEGER PRIMARY KEY, segment_id TEXT, embedding_id TEXT);
CREATE TABLE embedding_metadata (id INTEGER, key TEXT, string_value TEXT, int_value INTEGER,
    float_value REAL, bool_value INTEGER, PRIMARY KEY (id, key));
INSERT INTO collections VALUES ('c', 'knowledge_base');
INSERT INTO segments VALUES ('v', 'VECTOR', 'c'), ('m', 'METADATA', 'c');
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Laid out as Chroma does."""
    with closing(sqlite3.connect(tmp_path / "chroma.sqlite3")) as made, made:
        made.executescript(TABLES)
        for at, (text, metadata) in enumerate(PIECES):
            made.execute("INSERT INTO embeddings VALUES (?, 'm', ?)", (at, f"piece-{at}"))
            for key, value in {**metadata, "chroma:document": text}.items():
                kind = "string_value" if isinstance(value, str) else "int_value"
                row = f"INSERT INTO embedding_metadata (id, key, {kind}) VALUES (?, ?, ?)"
                made.execute(row, (at, key, value))
    return tmp_path


def test_pieces_become_documents_again_in_their_order_without_what_overlaps(folder: Path) -> None:
    whole = "The oven is lit at five and stays hot until the evening. It is cleaned on Mondays."
    assert list(documents_in(folder, "knowledge_base")) == [
        GivenText("a.md", whole, "a"),
        GivenText("b.md", "Flour comes on Tuesdays.", "b"),
        GivenText("piece-3", "Nobody says where this is from.", "piece-3"),
    ]


def test_pieces_that_do_not_overlap_are_paragraphs() -> None:
    assert joined(iter(["One.", "Two."])) == "One.\n\nTwo."


def test_another_collection_and_another_file_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        list(documents_in(folder, "elsewhere"))
    (tmp_path / "chroma.sqlite3").write_bytes(b"no database")
    assert is_chroma(tmp_path)
    with pytest.raises(InvalidInput, match="not as Chroma keeps it"):
        list(documents_in(tmp_path, "knowledge_base"))


@pytest.mark.slow
def test_what_chroma_itself_wrote_is_taken_in_and_answers(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import chromadb

    without = chromadb.Settings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(str(tmp_path / "chroma_db"), settings=without)
    kept = client.get_or_create_collection("handbook", metadata={"hnsw:space": "cosine"})
    kept.add(
        ids=[f"{at}" for at in range(3)],
        embeddings=[[0.1, 0.2 + at] for at in range(3)],
        documents=[text for text, _ in PIECES[:3]],
        metadatas=[dict(metadata) for _, metadata in PIECES[:3]],
    )
    monkeypatch.setenv("CHROMA_COLLECTION", "handbook")
    there = ["--home", tmp_path / "home", "--json"]
    assert cli("import", tmp_path / "chroma_db", *there).json["documents"] == 2
    said = cli("ask", "When is the oven lit?", *there).json
    assert said["outcome"]["citations"][0]["source"] == "a.md"
    assert cli("import", tmp_path / "chroma_db", *there).json["passages_changed"] == 0
