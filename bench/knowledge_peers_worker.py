"""One framework on one core: files to passages that can be found, or BM25 over a collection. Run by
`bench.knowledge_peers` with the Python that has the frameworks.

    python knowledge_peers_worker.py sync ENGINE FOLDER OUT.json
    python knowledge_peers_worker.py bm25 ENGINE COLLECTION.json OUT.json

Every framework has the embedder `static` through our adapters, and its own splitter and store in
memory, so that what is compared is the way from a file to a passage and not a model.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.update(
    OMP_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false", HAYSTACK_TELEMETRY_ENABLED=""
)

CHARACTERS, OVERLAP, WORDS, TOKENS = 1000, 150, 160, 250
"""The size of our passages, and about the same in words and tokens."""

SHORTEST = 50
"""Of what txtai cuts at empty lines, headings alone are left out."""

DEEP = 100


def main() -> None:
    what, engine, source, target = sys.argv[1:]
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found = SYNC[engine](Path(source)) if what == "sync" else _bm25(engine, Path(source))
    Path(target).write_text(json.dumps(found))


def _timed(work: Callable[[], Sequence[int]]) -> dict[str, float]:
    """Passages and characters a CPU second; the first call has loaded what is loaded once."""
    began = time.process_time()
    lengths = work()
    spent = time.process_time() - began
    return {"passages": len(lengths) / spent, "characters": sum(lengths) / spent}


def langchain_sync(folder: Path) -> dict[str, float]:
    from langchain_core.documents import Document
    from langchain_core.vectorstores import InMemoryVectorStore
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    from promptuary.compat.langchain import PromptuaryEmbeddings

    store = InMemoryVectorStore(PromptuaryEmbeddings("static"))
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHARACTERS, chunk_overlap=OVERLAP)
    store.add_documents([Document("warm")])

    def work() -> list[int]:
        pages = [Document(p.read_text(), metadata={"source": p.name}) for p in folder.glob("*.md")]
        passages = splitter.split_documents(pages)
        store.add_documents(passages)
        return [len(each.page_content) for each in passages]

    return _timed(work)


def llama_index_sync(folder: Path) -> dict[str, float]:
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter

    from promptuary.compat.llama_index import PromptuaryEmbedding

    splitter = SentenceSplitter(chunk_size=TOKENS, chunk_overlap=TOKENS * OVERLAP // CHARACTERS)
    model = PromptuaryEmbedding("static")
    index = VectorStoreIndex.from_documents(
        [Document(text="warm")], embed_model=model, transformations=[splitter]
    )

    def work() -> list[int]:
        pages = [
            Document(text=p.read_text(), metadata={"source": p.name}) for p in folder.glob("*.md")
        ]
        passages = splitter.get_nodes_from_documents(pages)
        index.insert_nodes(passages)
        return [len(each.get_content()) for each in passages]

    return _timed(work)


def haystack_sync(folder: Path) -> dict[str, float]:
    from haystack import Document
    from haystack.components.preprocessors import DocumentSplitter
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    from promptuary.compat.haystack import PromptuaryDocumentEmbedder

    store = InMemoryDocumentStore()
    overlap = WORDS * OVERLAP // CHARACTERS
    splitter = DocumentSplitter(split_by="word", split_length=WORDS, split_overlap=overlap)
    embedder = PromptuaryDocumentEmbedder("static")
    embedder.run([Document(content="warm")])

    def work() -> list[int]:
        pages = [
            Document(content=p.read_text(), meta={"source": p.name}) for p in folder.glob("*.md")
        ]
        passages = splitter.run(pages)["documents"]
        store.write_documents(embedder.run(passages)["documents"])
        return [len(each.content) for each in passages]

    return _timed(work)


def txtai_sync(folder: Path) -> dict[str, float]:
    from txtai import Embeddings as Index
    from txtai.pipeline import Segmentation

    from promptuary.models import Embeddings

    model = Embeddings.open("static")
    cut = Segmentation(paragraphs=True, minlength=SHORTEST)
    index = Index(method="external", transform=lambda texts: model.embed(texts), content=True)  # noqa: PLW0108 - it takes plain functions only
    index.index([("warm", "warm", None)])

    def work() -> list[int]:
        pages = {path.name: path.read_text() for path in folder.glob("*.md")}
        passages = [(f"{n}#{at}", t, None) for n, p in pages.items() for at, t in enumerate(cut(p))]
        index.upsert(passages)
        return [len(text) for _, text, _ in passages]

    return _timed(work)


def _bm25(engine: str, source: Path) -> dict[str, dict[str, float]]:
    given = json.loads(source.read_text())
    search = BM25[engine](given["texts"])
    return {asked: search(text) for asked, text in given["queries"].items()}


Search = Callable[[str], dict[str, float]]


def langchain_bm25(texts: dict[str, str]) -> Search:
    from langchain_community.retrievers import BM25Retriever

    ids = list(texts)
    made = BM25Retriever.from_texts(list(texts.values()), metadatas=[{"id": one} for one in ids])
    made.k = DEEP
    return lambda text: _ranked(each.metadata["id"] for each in made.invoke(text))


def llama_index_bm25(texts: dict[str, str]) -> Search:
    from llama_index.core.schema import TextNode
    from llama_index.retrievers.bm25 import BM25Retriever

    nodes = [TextNode(id_=one, text=text) for one, text in texts.items()]
    made = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=min(DEEP, len(nodes)))
    return lambda text: _ranked(each.node.node_id for each in made.retrieve(text))


def haystack_bm25(texts: dict[str, str]) -> Search:
    from haystack import Document
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore()
    store.write_documents([Document(id=one, content=text) for one, text in texts.items()])
    made = InMemoryBM25Retriever(store, top_k=DEEP)
    return lambda text: _ranked(each.id for each in made.run(query=text)["documents"])


def txtai_bm25(texts: dict[str, str]) -> Search:
    from txtai import Embeddings as Index

    made = Index(keyword=True, content=False)
    made.index([(one, text, None) for one, text in texts.items()])
    return lambda text: _ranked(one for one, _ in made.search(text, DEEP))


def _ranked(ids: Any) -> dict[str, float]:
    return {one: 1 / (1 + at) for at, one in enumerate(ids)}


SYNC = {
    "langchain": langchain_sync,
    "llama-index": llama_index_sync,
    "haystack": haystack_sync,
    "txtai": txtai_sync,
}
BM25 = {
    "langchain": langchain_bm25,
    "llama-index": llama_index_bm25,
    "haystack": haystack_bm25,
    "txtai": txtai_bm25,
}


if __name__ == "__main__":
    main()
