"""Embeddings: one manager that hides models. Put together here: spec, source, caches, limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from promptuary.domain.errors import InvalidInput, Misconfigured
from promptuary.domain.progress import Told, silent
from promptuary.domain.vectors import Cut, Space, Vectors
from promptuary.embeddings.ladder import Absent, Source, find, resolve
from promptuary.embeddings.policy import Policy, Surroundings, decide, look
from promptuary.embeddings.settings import Wishes, environment, wishes
from promptuary.embeddings.specs import Hub, parse
from promptuary.plugins import embedder_at, open_cache, open_embedder
from promptuary.ports.embedder import Embedder, LocalEmbedder, Purpose
from promptuary.resilience.breaker import BreakingEmbedder
from promptuary.resilience.budget import Budget, BudgetedEmbedder
from promptuary.resilience.caching import CachedEmbedder
from promptuary.resilience.counting import Counter, Report
from promptuary.resilience.falling_back import FallbackEmbedder
from promptuary.resilience.retrying import RetryingEmbedder

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

    from promptuary.embeddings.preload import Pull

T = TypeVar("T")

RECENT_BYTES = 64 * 1024 * 1024
"""What a process remembers of its own vectors unless it is told otherwise."""

ROLES: tuple[Purpose, ...] = ("document", "query", "symmetric")


class Embeddings:
    """Text in, unit vectors out, whatever the model is and wherever it runs.

        embeddings = Embeddings.open()
        vectors = embeddings.embed(["What is a promptuary?", "A storehouse."])

    Safe to use from several threads and tasks at once. What a text becomes depends on the text and
    the space alone, never on the batch.
    """

    def __init__(
        self, source: Source, embedder: CachedEmbedder, stack: AsyncExitStack, counter: Counter
    ) -> None:
        self.source = source
        self._embedder = embedder
        self._stack = stack
        self._counter = counter
        self._portal = _Portal()
        self._gathering: Embedder | None = None

    @classmethod
    def open(
        cls,
        spec: str = "auto",
        *,
        otherwise: Sequence[str] = (),
        budget: Budget | None = None,
        recent_bytes: int = RECENT_BYTES,
        wanted: Wishes | None = None,
    ) -> Embeddings:
        """The model that `spec` names, ready to use; see `promptuary.embeddings.specs` for specs.

        `otherwise` names further ways to the same space, for when the first is Unavailable;
        `wanted` stands for what the environment variables say.
        Waits for no network unless downloads are allowed. Raises InvalidInput for a spec that names
        nothing, ModelMissing for a model that is not here (another never takes its place),
        ModelDamaged for files that are not whole, MissingExtra, Misconfigured, and where downloads
        are allowed what `embeddings.preload.pull` raises.
        """
        sources = [_source(each, outlook(wanted)) for each in (spec, *otherwise)]
        embedder = _together([_lasting(embedder_at(s.url), budget) for s in sources])
        counter = Counter()
        cached = CachedEmbedder(embedder, recent_bytes=recent_bytes, report=counter.hear)
        stack = AsyncExitStack()
        stack.push_async_callback(cached.aclose)
        return cls(sources[0], cached, stack, counter)

    @classmethod
    async def aopen(
        cls,
        spec: str = "auto",
        *,
        caches: Sequence[str] = (),
        otherwise: Sequence[str] = (),
        budget: Budget | None = None,
        recent_bytes: int = RECENT_BYTES,
        wanted: Wishes | None = None,
    ) -> Embeddings:
        """Like `open`, with `caches` (URLs, nearest first) behind the memory of this process."""
        seen = outlook(wanted)
        sources = [await _source_elsewhere(each, seen) for each in (spec, *otherwise)]
        counter = Counter()
        async with AsyncExitStack() as stack:
            kept = [await open_cache(url) for url in caches]
            for cache in kept:
                stack.push_async_callback(cache.aclose)
            opened = [_lasting(await open_embedder(s.url), budget) for s in sources]
            cached = CachedEmbedder(
                _together(opened), *kept, recent_bytes=recent_bytes, report=counter.hear
            )
            stack.push_async_callback(cached.aclose)
            return cls(sources[0], cached, stack.pop_all(), counter)
        raise AssertionError  # an exit stack swallows nothing; the type checker cannot know

    @property
    def space(self) -> Space:
        """The space of the vectors; store it beside them, and compare before mixing."""
        return self._embedder.space

    @property
    def dimensions(self) -> int:
        """Numbers in a vector."""
        return self.space.dimensions

    @property
    def embedder(self) -> CachedEmbedder:
        """The same as a port, for parts that take one."""
        return self._embedder

    @property
    def report(self) -> Report:
        """What was done since it was opened."""
        return self._counter.report

    def embed(self, texts: str | Sequence[str], *, role: Purpose = "document") -> Vectors:
        """One float32 row of length one per text, in order; of a single `str` its row alone.

        A text in which the model knows nothing (empty, white space) gives zeros. Raises
        InvalidInput for anything but texts and roles, Unavailable (in bounded time) for a remote
        model that does not answer.
        """
        if (row := self._known(texts, role)) is not None:
            return row
        wanted = _texts(texts, role)
        if self._embedder.needs_no_loop:
            rows = self._embedder.embed_now(wanted, purpose=role)
        else:
            rows = self._portal.call(partial(self._embedder.embed, wanted, purpose=role))
        self._count(wanted, role)
        return rows[0] if isinstance(texts, str) else rows

    async def aembed(self, texts: str | Sequence[str], *, role: Purpose = "document") -> Vectors:
        """`embed` for an event loop."""
        if (row := self._known(texts, role)) is not None:
            return row
        wanted = _texts(texts, role)
        rows = self._embedder.recall(wanted, role)
        if rows is None:
            rows = await self._gathered().embed(wanted, purpose=role)
        self._count(wanted, role)
        return rows[0] if isinstance(texts, str) else rows

    def stream(
        self, texts: Iterable[str], *, role: Purpose = "document", at_once: int = 256
    ) -> Iterator[Vectors]:
        """The rows of any number of texts, `at_once` of them at a time, in bounded memory."""
        if isinstance(texts, str):
            raise InvalidInput("stream takes many texts, not one", fields={"texts": "a single str"})
        batch: list[str] = []
        for text in texts:
            batch.append(text)
            if len(batch) >= at_once:
                yield self.embed(batch, role=role)
                batch = []
        if batch:
            yield self.embed(batch, role=role)

    def cuts(self, texts: Sequence[str], *, role: Purpose = "document") -> list[Cut]:
        """Which of these texts are too long for the model: of them only the beginning counts."""
        return self._embedder.cuts(_texts(texts, role), purpose=role)

    async def aforget(self, texts: Sequence[str]) -> None:
        """Remove every trace of these texts from memory and caches."""
        await self._embedder.forget(_texts(texts, "document"))

    def close(self) -> None:
        """Release the model; closing twice is harmless."""
        if not self._embedder.needs_no_loop:
            self._portal.call(self._stack.aclose)
        self._portal.close()

    async def aclose(self) -> None:
        """`close` for an event loop."""
        await self._stack.aclose()
        self._portal.close()

    def __enter__(self) -> Embeddings:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    async def __aenter__(self) -> Embeddings:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    def _gathered(self) -> Embedder:
        """Where single texts meet others, unless the model is so quick or so fickle that they
        should not."""
        if self._gathering is None:
            from promptuary.embeddings.batching import GatheringEmbedder  # noqa: PLC0415 - anyio

            worth = self._embedder.invariant and self.source.url != "static:"
            self._gathering = GatheringEmbedder(self._embedder) if worth else self._embedder
        return self._gathering

    def _known(self, texts: object, role: Purpose) -> Vectors | None:
        """The short way to a single text that this process remembers; None where there is none."""
        alone = isinstance(texts, list) and len(texts) == 1
        text = texts[0] if alone else texts  # type: ignore[index]  # it is a list
        if not isinstance(text, str) or role not in ROLES:
            return None
        if (known := self._embedder.known(text, role)) is None:
            return None
        self._counter.cut(known.cut)
        row = known.row.copy()
        return row.reshape(1, -1) if alone else row

    def _count(self, texts: Sequence[str], role: Purpose) -> None:
        cuts = self._embedder.cuts(texts, purpose=role)
        self._counter.cut(len(cuts))
        if len(texts) == 1:
            self._embedder.note(texts[0], role, cut=len(cuts))


class _Portal:
    """An event loop in a thread of its own, begun when it is first needed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._stack: Any = None
        self._inner: BlockingPortal | None = None

    def call(self, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the work gives
        """Run a coroutine function there and wait."""
        return self._started().call(work)

    def close(self) -> None:
        """End the thread, if there is one."""
        with self._lock:
            stack, self._stack, self._inner = self._stack, None, None
        if stack is not None:
            stack.close()

    def _started(self) -> BlockingPortal:
        from contextlib import ExitStack  # noqa: PLC0415 - local models need none of this

        from anyio.from_thread import start_blocking_portal  # noqa: PLC0415 - nor this

        with self._lock:
            if self._inner is None:
                self._stack = ExitStack()
                self._inner = self._stack.enter_context(start_blocking_portal())
            return self._inner


@dataclass(frozen=True, slots=True)
class Outlook:
    """What `promptuary models doctor` tells: where this runs, what may be done, what is used."""

    here: Surroundings
    policy: Policy
    wishes: Wishes


def outlook(wanted: Wishes | None = None) -> Outlook:
    """Look around; takes a few milliseconds and loads no model."""
    wanted = wanted or wishes(environment())
    here = look(wanted)
    return Outlook(here, decide(wanted, here), wanted)


def _lasting(embedder: Embedder, budget: Budget | None) -> Embedder:
    """A model that is elsewhere, tried again, left alone while it fails, and within its budget."""
    if isinstance(embedder, LocalEmbedder):
        return embedder
    from promptuary.adapters.clocks.system import SystemClock  # noqa: PLC0415 - it loads asyncio

    clock = SystemClock()
    lasting: Embedder = BreakingEmbedder(RetryingEmbedder(embedder, clock), clock)
    return lasting if budget is None else BudgetedEmbedder(lasting, budget)


def _together(embedders: Sequence[Embedder]) -> Embedder:
    return embedders[0] if len(embedders) == 1 else FallbackEmbedder(*embedders)


def pulling(spec: Hub, wanted: Wishes) -> Pull:
    """How the model of a hub would be fetched. Raises Misconfigured where that is forbidden."""
    if wanted.offline or wanted.downloads == "never":
        why = "HF_HUB_OFFLINE is set" if wanted.offline else "PROMPTUARY_MODEL_DOWNLOADS is never"
        raise Misconfigured(f"{spec.name} is not fetched: {why}")
    from promptuary.embeddings.preload import Pull  # noqa: PLC0415 - http.client is slow to import

    return Pull(spec.name, spec.revision, wanted.hub, wanted.models_folder, wanted.token)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model that is here now and has given a vector."""

    spec: str
    source: str
    dimensions: int
    fingerprint: str
    seconds: float


def prepare(spec: str, told: Told = silent, wanted: Wishes | None = None) -> Prepared:
    """Fetch a model if it is not here, open it, and have it give a vector: for images and starts.

    Asked for by name, so it is fetched wherever that is not forbidden outright. Raises what `open`
    and `embeddings.preload.pull` raise.
    """
    started = monotonic()
    seen = outlook(wanted)
    found = find(parse(spec), seen.wishes, seen.policy)
    if isinstance(found, Absent):
        _fetch(replace(pulling(found.spec, seen.wishes), told=told))
    with Embeddings.open(spec, wanted=wanted) as embeddings:
        embeddings.embed("ready")
        space = embeddings.space
        return Prepared(
            spec, embeddings.source.url, space.dimensions, space.fingerprint, monotonic() - started
        )


def _source(spec: str, seen: Outlook) -> Source:
    """Where a model comes from; fetched first where that is allowed and needed."""
    found = find(parse(spec), seen.wishes, seen.policy)
    if isinstance(found, Source):
        return found
    if seen.policy.downloads != "allow":
        raise found.error
    _fetch(pulling(found.spec, seen.wishes))
    return resolve(spec, seen.wishes, seen.policy)


def _fetch(wanted: Pull) -> None:
    from promptuary.embeddings.preload import pull  # noqa: PLC0415 - http.client, as above

    pull(wanted)


async def _source_elsewhere(spec: str, seen: Outlook) -> Source:
    """The same in a thread where it may take long."""
    if seen.policy.downloads != "allow":
        return _source(spec, seen)
    from anyio import to_thread  # noqa: PLC0415 - local models need none of this

    return await to_thread.run_sync(_source, spec, seen)


def _texts(texts: object, role: str) -> Sequence[str]:
    if role not in ROLES:
        message = f"a role is document, query or symmetric, not {role!r}"
        raise InvalidInput(message, fields={"role": "unknown"})
    wanted: object = [texts] if isinstance(texts, str) else texts
    if isinstance(wanted, bytes) or not isinstance(wanted, Sequence):
        message = f"texts are a list of str, not {type(texts).__name__}; stream takes an iterator"
        raise InvalidInput(message, fields={"texts": "not a list"})
    for place, text in enumerate(wanted):
        if not isinstance(text, str):
            message = f"text {place} is no str but {type(text).__name__}"
            raise InvalidInput(message, fields={f"texts[{place}]": "not a str"})
    return wanted
