"""A fake: an endpoint that reranks, in both shapes, and misbehaves when told to."""

from __future__ import annotations

from collections import deque
from typing import Any

import anyio

from promptuary.testing.fakes.reranker import WordReranker
from promptuary.testing.fakes.serving import Answered, FakeServer, Received, as_json, refused


class FakeRerankUpstream:
    """Counts words. Answers `POST /rerank`: `{model, query, documents}` by `results` with
    `relevance_score`, and `{query, texts}` by a list with `score`, best first. Each name in
    `faults` spoils one request, in order: those of FakeServer, and `no_results`, `count`, `twice`,
    `nan`, `words`, `place`.
    """

    def __init__(self) -> None:
        self._fake = WordReranker()
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
        """Its base."""
        return self._server.address

    def __enter__(self) -> FakeRerankUpstream:
        self._server.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.__exit__(*exc)

    def _answer(self, received: Received, fault: str) -> Answered:
        named = "documents" in received.body
        texts = received.body.get("documents" if named else "texts")
        if not received.path.endswith("/rerank") or not texts or not received.body.get("query"):
            return refused(422)
        scores = anyio.run(self._fake.score, received.body["query"], texts)
        key = "relevance_score" if named else "score"
        entries = [{"index": at, key: score} for at, score in enumerate(scores)]
        entries.sort(key=lambda one: -one[key])
        entries = _spoiled(entries, key, fault)
        if fault == "no_results":
            return as_json({"object": "list"})
        return as_json({"id": "r", "results": entries} if named else entries)


def _spoiled(entries: list[dict[str, Any]], key: str, fault: str) -> list[dict[str, Any]]:
    match fault:
        case "count":
            return entries[1:]
        case "twice":
            return [*entries, entries[0]]
        case "nan":
            return [{**entries[0], key: float("nan")}, *entries[1:]]
        case "words":
            return [{**entries[0], key: "good"}, *entries[1:]]
        case "place":
            return [{**entries[0], "index": len(entries)}, *entries[1:]]
        case _:
            return entries
