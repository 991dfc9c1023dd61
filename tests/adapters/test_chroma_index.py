from pathlib import Path
from typing import Any

import chromadb
import pytest
from chromadb.config import Settings

from engines.indexes import opener
from promptuary.plugins import open_index
from promptuary.ports.index import WordQuery
from promptuary.testing.index import SPACE, Connect, IndexContract, sample
from promptuary.testing.index_search import IndexSearchContract
from promptuary.testing.index_server import IndexServerContract

pytestmark = pytest.mark.slow


class InAFolder:
    @pytest.fixture
    def connect(self, quick_path: Path) -> Connect:
        return opener(f"chroma:{quick_path / 'folder'}")


class OnAServer:
    @pytest.fixture
    def connect(self, chroma_url: str) -> Connect:
        return opener(chroma_url)


class TestChromaFolder(InAFolder, IndexContract):
    pass


class TestChromaFolderSearch(InAFolder, IndexSearchContract):
    pass


class TestChromaServer(OnAServer, IndexContract):
    pass


class TestChromaServerSearch(OnAServer, IndexSearchContract):
    pass


class TestChromaOnItsServer(OnAServer, IndexServerContract):
    pass


@pytest.mark.anyio
async def test_what_an_older_version_put_into_a_folder_is_found_with_the_same_scores(
    quick_path: Path,
) -> None:
    folder = quick_path / "folder"
    index = await open_index(f"chroma:{folder}", space=SPACE)
    await index.put(sample(30))
    typed = WordQuery(sample(30)[3].texts["text"])
    found = await index.search_words(typed, limit=30)
    await index.aclose()
    _as_an_older_version_put_it(folder)
    index = await open_index(f"chroma:{folder}", space=SPACE)
    assert found
    assert await index.search_words(typed, limit=30) == found
    assert [entry.id for entry in await index.get(["e003"])] == ["e003"]
    await index.aclose()


def _as_an_older_version_put_it(folder: Path) -> None:
    """The weights of an entry's words stood in its metadata, and its document was the entry."""
    client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    entries = client.get_collection("promptuary", embedding_function=None)
    kept: Any = entries.get(include=["documents", "metadatas", "embeddings"])
    parted = [document.split("\n") for document in kept["documents"]]
    entries.upsert(
        ids=kept["ids"],
        embeddings=kept["embeddings"],
        documents=[entry for _, entry in parted],
        metadatas=[
            {**metadata, "weights": weights}
            for metadata, (weights, _) in zip(kept["metadatas"], parted, strict=True)
        ],
    )
    client.close()
