"""From a URL to the adapter it names. A vendor is imported when its URL is opened, not before.

The scheme of a URL is the name of a module in `promptuary.adapters.<kind>`; that module's
`connect(url, ...)`, a function or a coroutine function, opens it. Outside packages add modules of
their own under the entry point group `promptuary.<kind>`, named by the scheme; a built-in adapter
cannot be replaced that way.
"""

from __future__ import annotations

from importlib import import_module
from inspect import isawaitable
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from promptuary.domain.errors import Misconfigured, MissingExtra

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

    from promptuary.domain.vectors import Space
    from promptuary.ports.blob_store import BlobStore
    from promptuary.ports.cache import Cache
    from promptuary.ports.chat_model import ChatModel
    from promptuary.ports.clip_store import ClipStore
    from promptuary.ports.document_loader import DocumentLoader
    from promptuary.ports.embedder import Embedder, LocalEmbedder
    from promptuary.ports.event_source import EventSource
    from promptuary.ports.index import Index
    from promptuary.ports.insight_sink import InsightSink
    from promptuary.ports.mirror import Mirror
    from promptuary.ports.moderator import Moderator
    from promptuary.ports.prompt_archive import PromptArchive
    from promptuary.ports.reranker import Reranker
    from promptuary.ports.thread_archive import ThreadArchive
    from promptuary.ports.unit_of_work import UnitOfWork

Kind: TypeAlias = Literal[
    "blob_stores",
    "clip_stores",
    "event_sources",
    "insight_sinks",
    "mirrors",
    "prompt_archives",
    "thread_archives",
    "units_of_work",
    "indexes",
    "embedders",
    "chat_models",
    "caches",
    "moderators",
    "document_loaders",
    "rerankers",
]

_SPELLINGS = {"https": "http", "mqtts": "mqtt", "postgres": "postgresql", "rediss": "redis"}
"""Other spellings of a scheme that the field uses for the same adapter."""

_WORDS = "static:"
"""The embedder that knows single words."""

_EXTRAS = {
    "aiomqtt": "mqtt",
    "asyncpg": "postgresql",
    "chromadb": "chroma",
    "httpx2": "remote",
    "onnxruntime": "onnx",
    "qdrant_client": "qdrant",
    "redis": "redis",
    "weaviate": "weaviate",
}
"""Optional vendor packages and the extra that installs them."""


async def open_unit_of_work(url: str) -> UnitOfWork:
    """The record database behind that URL."""
    return cast("UnitOfWork", await _connect("units_of_work", url))


async def open_index(url: str, *, space: Space) -> Index:
    """The index behind that URL; raises SpaceMismatch when it holds vectors of another space."""
    return cast("Index", await _connect("indexes", url, space=space))


async def open_embedder(url: str) -> Embedder:
    """The embedding model behind that URL."""
    return cast("Embedder", await _connect("embedders", url))


def embedder_at(url: str) -> Embedder:
    """The same without an event loop, for adapters whose `connect` is a plain function."""
    opened: object = _adapter("embedders", url).connect(url)
    if isawaitable(opened):
        raise Misconfigured(f"{_scheme(url)}: opens with await only: use Embeddings.aopen")
    return cast("Embedder", opened)


async def open_chat_model(url: str) -> ChatModel:
    """The chat model behind that URL; nobody is asked yet."""
    return cast("ChatModel", await _connect("chat_models", url))


def word_model(used: Embedder) -> LocalEmbedder:
    """A model of single words, for a thesaurus: the static table, which may be the one in use."""
    from promptuary.ports.embedder import LocalEmbedder  # noqa: PLC0415 - numpy is slow to import

    if isinstance(used, LocalEmbedder) and used.space.name.startswith(_WORDS):
        return used
    return cast("LocalEmbedder", embedder_at(_WORDS))


async def open_blob_store(url: str) -> BlobStore:
    """The files behind that URL; nobody is asked yet."""
    return cast("BlobStore", await _connect("blob_stores", url))


async def open_clip_store(url: str) -> ClipStore:
    """The recordings behind that URL; nobody is asked yet."""
    return cast("ClipStore", await _connect("clip_stores", url))


async def open_event_source(url: str) -> EventSource:
    """Where events come from, behind that URL; nobody is asked yet."""
    return cast("EventSource", await _connect("event_sources", url))


async def open_thread_archive(url: str) -> ThreadArchive:
    """The conversations of an older service, behind that URL; nobody is asked yet."""
    return cast("ThreadArchive", await _connect("thread_archives", url))


async def open_prompt_archive(url: str) -> PromptArchive:
    """The prompts of an older service, behind that URL; nobody is asked yet."""
    return cast("PromptArchive", await _connect("prompt_archives", url))


async def open_insight_sink(url: str) -> InsightSink:
    """Whom insights are told to, behind that URL; nobody is asked yet."""
    return cast("InsightSink", await _connect("insight_sinks", url))


async def open_mirror(url: str, *, space: Space) -> Mirror:
    """Where prompts are copied, behind that URL; nobody is asked yet."""
    return cast("Mirror", await _connect("mirrors", url, space=space))


async def open_cache(url: str) -> Cache:
    """The cache behind that URL. A cache that is away now may come back: opening does not fail."""
    return cast("Cache", await _connect("caches", url))


async def open_moderator(url: str) -> Moderator:
    """The moderator behind that URL."""
    return cast("Moderator", await _connect("moderators", url))


async def open_reranker(url: str) -> Reranker:
    """The reranker behind that URL; nobody is asked yet."""
    return cast("Reranker", await _connect("rerankers", url))


def document_loaders() -> list[DocumentLoader]:
    """Every loader there is; of two that read the same kind of file, the first counts."""
    known = schemes("document_loaders")
    found = [_adapter("document_loaders", f"{scheme}:").connect(f"{scheme}:") for scheme in known]
    return cast("list[DocumentLoader]", found)


def entry_points(*, group: str, name: str | None = None) -> EntryPoints:
    """What other packages add, all of a group or those of one name."""
    from importlib import metadata  # noqa: PLC0415 - our own adapters are found without it

    if name is None:
        return metadata.entry_points(group=group)
    return metadata.entry_points(group=group, name=name)


def schemes(kind: Kind) -> tuple[str, ...]:
    """Every scheme of that kind that can be opened, in alphabetical order; imports no adapter."""
    package = import_module(f"promptuary.adapters.{kind}")
    own = {module.name for module in iter_modules(package.__path__) if module.name[0] != "_"}
    return tuple(sorted(own | set(entry_points(group=f"promptuary.{kind}").names)))


async def _connect(kind: Kind, url: str, **options: Space) -> object:
    opened: object = _adapter(kind, url).connect(url, **options)
    return await opened if isawaitable(opened) else opened


def _adapter(kind: Kind, url: str) -> ModuleType:
    scheme = _scheme(url)
    name = f"promptuary.adapters.{kind}.{scheme}"
    try:
        return import_module(name)
    except ModuleNotFoundError as missing:
        if extra := _EXTRAS.get((missing.name or "").partition(".")[0]):
            raise MissingExtra(f"{scheme}:", extra) from missing
        if missing.name != name:
            raise
    for point in entry_points(group=f"promptuary.{kind}", name=scheme):
        module: ModuleType = point.load()
        return module
    known = ", ".join(f"{known}:" for known in schemes(kind))
    raise Misconfigured(f"no adapter of {kind} opens {scheme + ':'!r}; known are {known}")


def _scheme(url: str) -> str:
    scheme, colon, _ = url.partition(":")
    bare = scheme.partition("+")[0].lower().replace("-", "_")
    if not colon or not bare.isidentifier() or bare.startswith("_"):
        raise Misconfigured(f"a URL begins with an adapter's name and a colon, not with {bare!r}")
    return _SPELLINGS.get(bare, bare)
