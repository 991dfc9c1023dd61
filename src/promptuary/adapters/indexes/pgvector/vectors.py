"""By meaning: in the server where it has pgvector, here where it has not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promptuary.domain.errors import Unsupported

COMPARED_HERE = 100_000
"""Without pgvector every vector that a filter leaves is read and compared here: so many at most."""

PAGE = 5_000


@dataclass(frozen=True, slots=True)
class Graph:
    """How the graph of near vectors is built and searched; see pgvector's HNSW."""

    links: int = 16
    effort: int = 128
    search: int = 200


def literal(vector: NDArray[np.float32]) -> str:
    """A vector as pgvector reads it."""
    return f"[{','.join(map(repr, vector.tolist()))}]"


def stored(vector: NDArray[np.float32]) -> bytes:
    """A vector as it is kept without pgvector."""
    return vector.astype("<f4").tobytes()


def restored(kept: str | bytes) -> NDArray[np.float32]:
    """The vector back, of either kind."""
    if isinstance(kept, str):
        return np.array(kept[1:-1].split(","), dtype=np.float32)
    return np.frombuffer(kept, dtype="<f4").astype(np.float32)


async def compared(
    queries: NDArray[np.float32], limit: int, rows: AsyncIterator[Sequence[tuple[bytes, bytes]]]
) -> list[list[tuple[bytes, float]]]:
    """The nearest rows (id, vector) for each query; raises Unsupported past COMPARED_HERE rows."""
    units = queries / np.linalg.norm(queries, axis=1, keepdims=True)
    best: list[list[tuple[bytes, float]]] = [[] for _ in queries]
    read = 0
    async for page in rows:
        read += len(page)
        if read > COMPARED_HERE:
            raise Unsupported(
                f"this PostgreSQL has no pgvector, and more than {COMPARED_HERE} vectors are not "
                "compared without it: install the extension and rebuild, or narrow the filter"
            )
        matrix = np.frombuffer(b"".join(kept for _, kept in page), dtype="<f4")
        matrix = matrix.reshape(len(page), -1)
        cosines = units @ (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).T
        for at, row in enumerate(cosines):
            nearest = np.argsort(-row)[:limit]
            found = [(page[one][0], float(row[one])) for one in nearest]
            best[at] = sorted([*best[at], *found], key=lambda pair: -pair[1])[:limit]
    return best
