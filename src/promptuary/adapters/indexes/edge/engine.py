"""The engine itself: one shard, its shape, and its failures as our errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from qdrant_edge import (
    CountRequest,
    Distance,
    EdgeConfig,
    EdgeOptimizersConfig,
    EdgeShard,
    EdgeSparseVectorParams,
    EdgeVectorParams,
    FloatIndexParams,
    HasVectorCondition,
    HnswIndexConfig,
    IntegerIndexParams,
    Memory,
    Point,
    Record,
    ScrollRequest,
    UpdateOperation,
    VectorStorageDatatype,
)
from qdrant_edge import Filter as Conditions

from promptuary.adapters.indexes.edge.filters import FACTS
from promptuary.adapters.indexes.edge.pages import give_back
from promptuary.adapters.indexes.edge.points import KEPT, MEANING, WORDS, EngineFailed
from promptuary.domain.errors import PromptuaryError, StorageFull

INDEXED_NUMBERS = 16
"""So many numeric fields get an index of their own; conditions on others read every entry."""

SEGMENT = 10_000
"""Entries that are laid out for reading together; the engine counts in kilobytes of vectors."""

_UNREACHABLE = 1 << 40
_PAGE = 1_000
_MANY = 10_000


@contextmanager
def engine_errors() -> Iterator[None]:
    """Raise StorageFull when there is no room and EngineFailed for any other failure.

    The engine raises bare exceptions; a panic of its own is not even an Exception.
    """
    try:
        yield
    except PromptuaryError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        if "No space left" in str(error):
            raise StorageFull("no room left for the index") from error
        raise EngineFailed(f"the index engine failed: {error}") from error


class Engine:
    """A shard of the engine. Vectors take 16 bits a number and are searched exhaustively: exact,
    about 3 ms for 100,000 of 256 numbers, and nothing has to be built while others wait."""

    def __init__(self, path: Path, dimensions: int, *, create: bool) -> None:
        """Load the shard, or create it; raises EngineFailed when it cannot be read."""
        with engine_errors():
            if create:
                self.shard = EdgeShard.create(str(path), _shape(dimensions))
                facts = IntegerIndexParams(lookup=True, range=False, memory=Memory.Cold)
                self._index(FACTS, facts)
            else:
                self.shard = EdgeShard.load(str(path))
            self._path = path
            self._numbers = {name for name in self.shard.info().payload_schema if name != FACTS}

    def upsert(self, points: list[Point], numbers: set[str]) -> None:
        """Write points; `numbers` are the numeric fields that they have."""
        with engine_errors():
            for name in sorted(numbers - self._numbers)[: INDEXED_NUMBERS - len(self._numbers)]:
                self._index(name, FloatIndexParams(memory=Memory.Cold))
                self._numbers.add(name)
            self.shard.update(UpdateOperation.upsert_points(points))

    def delete(self, ids: list[UUID]) -> None:
        """Remove points; unknown ones are ignored."""
        with engine_errors():
            self.shard.update(UpdateOperation.delete_points(list(ids)))

    def retrieve(self, ids: list[UUID], *, payload: list[str], vectors: list[str]) -> list[Record]:
        """The points that exist, with these parts of them, in no order."""
        with engine_errors():
            return self.shard.retrieve(list(ids), payload or False, vectors or False)

    def scroll(self, where: Conditions | None, payload: str = KEPT) -> Iterator[Record]:
        """Every matching point with one part of its payload, in no order we know of."""
        offset, read = None, 0
        while True:
            request = ScrollRequest(offset, _PAGE, where, [payload], False)
            with engine_errors():
                records, offset = self.shard.scroll(request)
            yield from records
            read += len(records)
            if offset is None:
                break
        if read > _MANY:
            give_back(self._path)

    def count(self, where: Conditions | None = None) -> int:
        """How many points match, exactly."""
        with engine_errors():
            return self.shard.count(CountRequest(exact=True, filter=where))

    def estimate(self, where: Conditions) -> int:
        """Roughly how many points match, without looking at them."""
        request = CountRequest(exact=False, filter=where)
        with engine_errors():
            return self.shard.count(request)

    def count_worded(self) -> int:
        """How many points have a word."""
        return self.count(Conditions(must=[HasVectorCondition(WORDS)]))

    def lay_out(self) -> None:
        """Move what was written into segments that are read from the disk: what is written first
        stands in memory. Takes a second or two for `SEGMENT` entries, each of which is moved once;
        a kill meanwhile loses nothing."""
        with engine_errors():
            self.shard.optimize()
            self.shard.flush()

    def flush(self) -> None:
        """Have everything on disk, even when the power goes."""
        with engine_errors():
            self.shard.flush()

    def close(self) -> None:
        """Flush and release."""
        with engine_errors():
            self.shard.close()

    def _index(self, field: str, params: IntegerIndexParams | FloatIndexParams) -> None:
        self.shard.update(UpdateOperation.create_field_index(field, params))


def _shape(dimensions: int) -> EdgeConfig:
    """Without a graph (m=0), so that laying out is moving and search stays exhaustive."""
    kilobytes = SEGMENT * dimensions * 4 // 1024
    meaning = EdgeVectorParams(
        size=dimensions,
        distance=Distance.Cosine,
        datatype=VectorStorageDatatype.Turbo16,
        memory=Memory.Cold,
    )
    return EdgeConfig(
        vectors={MEANING: meaning},
        sparse_vectors={WORDS: EdgeSparseVectorParams(memory=Memory.Cold)},
        payload_memory=Memory.Cold,
        id_tracker_memory=Memory.Cold,
        hnsw_config=HnswIndexConfig(m=0, ef_construct=4, full_scan_threshold=_UNREACHABLE),
        optimizers=EdgeOptimizersConfig(indexing_threshold=1, max_segment_size=kilobytes),
    )
