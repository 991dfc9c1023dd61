"""A fake: an endpoint of the OpenAI shape that embeds, and misbehaves when told to.

It knows nothing of meaning: words are hashed to directions, as in FakeEmbedder.
"""

from __future__ import annotations

import base64
from collections import deque
from typing import Any

import anyio
import numpy as np

from promptuary.domain.vectors import Vectors
from promptuary.testing.fakes.embedder import FakeEmbedder
from promptuary.testing.fakes.serving import Answered, FakeServer, Received, as_json, refused


class FakeUpstream:
    """Answers `POST /v1/embeddings`. Each name in `faults` spoils one request, in order: those of
    FakeServer, and `no_data`, `count`, `order` (right indexes, shuffled), `twice` (an index twice),
    `dimension`, `nan`, `zeros`, `words` (no numbers). With `refuses` a text that holds it makes the
    whole request a 400.
    """

    def __init__(self, dimensions: int = 16, *, refuses: str = "\0never\0") -> None:
        self._fake = FakeEmbedder(dimensions)
        self._refuses = refuses
        self._server = FakeServer(self._answer)

    @property
    def received(self) -> list[Received]:
        """Every request so far."""
        return self._server.received

    @property
    def faults(self) -> deque[str]:
        """How the next requests go wrong."""
        return self._server.faults

    @property
    def url(self) -> str:
        """Its base, up to `/v1`."""
        return f"{self._server.address}/v1"

    def __enter__(self) -> FakeUpstream:
        self._server.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.__exit__(*exc)

    def _answer(self, received: Received, fault: str) -> Answered:
        texts = list(received.body.get("input", ()))
        if any(self._refuses in text for text in texts):
            return refused(400)
        if fault == "no_data":
            return as_json({"object": "list"})
        rows = anyio.run(self._fake.embed, texts)
        wanted = int(received.body.get("dimensions", rows.shape[1]))
        as_text = received.body.get("encoding_format") == "base64"
        data = [_entry(n, row, as_text=as_text) for n, row in enumerate(rows[:, :wanted])]
        return as_json({"data": _spoiled(data, fault)})


def _entry(index: int, row: Vectors, *, as_text: bool) -> dict[str, Any]:
    scaled = row * np.float32(3)  # nobody promised unit vectors
    if as_text:
        encoded = base64.b64encode(scaled.astype("<f4").tobytes()).decode()
        return {"index": index, "embedding": encoded}
    return {"index": index, "embedding": [float(x) for x in scaled]}


def _spoiled(data: list[dict[str, Any]], fault: str) -> list[dict[str, Any]]:
    first = dict(data[0]) if data else {}
    match fault:
        case "count":
            return data[1:]
        case "order":
            return data[::-1]
        case "twice":
            return [*data[:-1], {**data[-1], "index": 0 if len(data) > 1 else 9}]
        case "dimension":
            return [{**first, "embedding": [1.0, 2.0]}, *data[1:]]
        case "nan":
            return [{**first, "embedding": [float("nan")] * 16}, *data[1:]]
        case "zeros":
            return [{**first, "embedding": [0.0] * 16}, *data[1:]]
        case "words":
            return [{**first, "embedding": ["a"] * 16}, *data[1:]]
        case _:
            return data
