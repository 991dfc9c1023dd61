"""The terms of an index, counted by the engine when something was written."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import anyio
import anyio.to_thread

from promptuary.adapters.indexes._lucene import words
from promptuary.adapters.indexes._lucene.documents import CHANGES
from promptuary.adapters.indexes._lucene.wire import WHOLE, Engine
from promptuary.retrieval.lexicon import Lexicon

_AT_ONCE = 30_000
"""Engines count 65,536 different terms at once."""
_SECONDS = 120.0
_SHARE = 20
"""Counting takes a twentieth of the time at the most, where others keep writing."""
_SMALL = 20_000
"""Up to so many entries are counted whenever something changed."""


class Counted:
    """A lexicon and the state of the index that it was counted in. Where a large index keeps being
    written to, it may be older than the index: it then misses the newest terms for as long as
    twenty counts take."""

    def __init__(self) -> None:
        self.lexicon = Lexicon()
        self.changed = ""
        self._took = 0.0
        self._at = -1e9
        self._lock = anyio.Lock()

    def due(self, changed: str) -> bool:
        """Whether it is to be counted again, now that this is the state of the index."""
        if changed == self.changed:
            return False
        waited = time.monotonic() - self._at
        return self.lexicon.entries <= _SMALL or waited > _SHARE * self._took

    async def count(self, engine: Engine, name: str, changed: str) -> None:
        """Count again; whoever comes meanwhile waits for the same."""
        async with self._lock:
            if not self.due(changed):
                return
            began = time.monotonic()
            entries, fields, counts = await _counts(engine, name)
            self.lexicon = await anyio.to_thread.run_sync(words.lexicon_of, entries, fields, counts)
            self.changed = changed
            self._at = time.monotonic()
            self._took = self._at - began


def state_asked() -> dict[str, Any]:
    """A search for what changes with every write."""
    query = {"ids": {"values": [CHANGES]}}
    return {"query": query, "size": 1, "_source": ["changed"], "track_total_hits": False}


def state_told(reply: Mapping[str, Any]) -> str:
    """What it found; nothing in a new index."""
    hits = reply["hits"]["hits"]
    return str(hits[0]["_source"]["changed"]) if hits else ""


async def _counts(engine: Engine, name: str) -> tuple[int, list[str], Mapping[str, int]]:
    told = await _asked(engine, name, {
        "fields": {"terms": {"field": words.FIELDS, "size": 1_000}},
        "different": {"cardinality": {"field": words.TERMS, "precision_threshold": 40_000}},
    })  # fmt: skip
    entries = int(told["hits"]["total"]["value"])
    fields = [str(bucket["key"]) for bucket in told["aggregations"]["fields"]["buckets"]]
    parts = 1 + int(told["aggregations"]["different"]["value"]) // _AT_ONCE
    while (counts := await _parts(engine, name, parts)) is None:
        parts *= 2
    return entries, sorted(fields), counts


async def _parts(engine: Engine, name: str, parts: int) -> dict[str, int] | None:
    """In how many entries each feature stands; None when a part holds more than can be told."""
    counts: dict[str, int] = {}
    for part in range(parts):
        rule: dict[str, Any] = {"field": words.TERMS, "size": 2 * _AT_ONCE}
        if parts > 1:
            rule["include"] = {"partition": part, "num_partitions": parts}
        told = (await _asked(engine, name, {"terms": {"terms": rule}}))["aggregations"]["terms"]
        if told["sum_other_doc_count"]:
            return None
        counts.update((str(bucket["key"]), int(bucket["doc_count"])) for bucket in told["buckets"])
    return counts


async def _asked(engine: Engine, name: str, counted: dict[str, Any]) -> dict[str, Any]:
    body = {
        "size": 0,
        "track_total_hits": True,
        "query": {"exists": {"field": words.TERMS}},
        "aggs": counted,
    }
    return await engine.ask("POST", f"/{name}/_search?{WHOLE}", body, seconds=_SECONDS)
