"""Everything that a Promptuary is made of, opened as its settings say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from promptuary.domain.loading import Limits
from promptuary.fetching import Fetcher
from promptuary.home import held
from promptuary.knowledge.chunking import Chunking
from promptuary.models import wished_by
from promptuary.parsing.pool import Readers
from promptuary.plugins import open_cache, open_index, open_moderator, open_unit_of_work
from promptuary.ports.cache import Cache
from promptuary.ports.index import Index
from promptuary.ports.moderator import Moderator
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.resilience.caching import CachedEmbedder
from promptuary.settings import Settings


@dataclass(frozen=True, slots=True)
class Parts:
    """What is put together."""

    record: UnitOfWork
    index: Index
    embedder: CachedEmbedder
    moderator: Moderator
    cache: Cache
    readers: Readers
    web: Fetcher
    chunking: Chunking


@asynccontextmanager
async def parts_of(settings: Settings) -> AsyncIterator[Parts]:
    """Hold the home and open every part; all are closed again at the end. Raises Busy when another
    process holds the home, Misconfigured, Unavailable."""
    urls = settings.urls()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(held(settings.home.expanduser().absolute()))
        record = await open_unit_of_work(urls.record)
        stack.push_async_callback(record.aclose)
        embedder = (await stack.enter_async_context(await wished_by(settings))).embedder
        index = await open_index(urls.index, space=embedder.space)
        stack.push_async_callback(index.aclose)
        moderator = await open_moderator(urls.moderator)
        stack.push_async_callback(moderator.aclose)
        cache = await open_cache(urls.cache)
        stack.push_async_callback(cache.aclose)
        readers = Readers(_limits(settings), processes=settings.document_processes)
        stack.push_async_callback(readers.aclose)
        web = Fetcher(frozenset(settings.allowed_hosts))
        chunking = Chunking(settings.chunk_size, settings.chunk_overlap)
        yield Parts(record, index, embedder, moderator, cache, readers, web, chunking)


def _limits(settings: Settings) -> Limits:
    return Limits(
        bytes=settings.max_document_bytes,
        seconds=settings.document_seconds,
        memory=settings.document_memory_bytes,
    )
