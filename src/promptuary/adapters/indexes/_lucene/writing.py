"""Bulk writes: in requests of bounded size, each item's refusal as our error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from secrets import token_hex
from typing import Any

from promptuary.adapters.indexes._lucene.documents import CHANGES, STATE
from promptuary.adapters.indexes._lucene.wire import Engine, Missing, dumps, refused

MOST_ITEMS = 1_000
MOST_BYTES = 8 * 1024 * 1024
SECONDS = 120.0


async def index(engine: Engine, name: str, documents: Iterable[tuple[str, dict[str, Any]]]) -> str:
    """Write or overwrite documents by id; afterwards they are found. The engine's own name of the
    index that they are in; nothing when there were none."""
    written = ""
    lines = ((dumps({"index": {"_id": key}}), dumps(body)) for key, body in documents)
    for batch in _batches(lines):
        replies = await _bulk(engine, name, batch)
        _check(replies, name, gone_is_fine=False)
        written = str(replies[-1]["_index"])
    if written:
        await engine.ask("POST", f"/{written}/_refresh", seconds=SECONDS)
    return written


async def delete(engine: Engine, name: str, ids: Iterable[str]) -> int:
    """How many of these documents there were."""
    removed = 0
    for batch in _batches((dumps({"delete": {"_id": key}}),) for key in ids):
        replies = await _bulk(engine, name, batch)
        _check(replies, name, gone_is_fine=True)
        removed += sum(reply.get("result") == "deleted" for reply in replies)
    if removed:
        await engine.ask("POST", f"/{name}/_refresh", seconds=SECONDS)
    return removed


async def read_state(engine: Engine, name: str) -> Mapping[str, int]:
    """How far the index is; nothing in a new one."""
    try:
        found = await engine.ask("GET", f"/{name}/_doc/{STATE}")
    except Missing as missing:
        if "found" not in str(missing) or "index_not_found" in str(missing):
            raise
        return {}
    state: dict[str, int] = found.get("_source", {})
    return state


async def keep_state(engine: Engine, name: str, **changes: int) -> None:
    """Note it durably, and nothing else."""
    body = {"doc": changes, "doc_as_upsert": True}
    await engine.ask(
        "POST", f"/{name}/_update/{STATE}?retry_on_conflict=20&{_as_alias(engine, name)}", body
    )


async def raise_state(engine: Engine, name: str, field: str, least: int) -> None:
    """Note a number unless a higher one stands there."""
    script = "def at = ctx._source[params.f]; if (at == null || at < params.n) "
    source = script + "{ ctx._source[params.f] = params.n } else { ctx.op = 'none' }"
    body = {
        "scripted_upsert": True,
        "script": {"source": source, "params": {"f": field, "n": least}},
        "upsert": {},
    }
    await engine.ask(
        "POST", f"/{name}/_update/{STATE}?retry_on_conflict=20&{_as_alias(engine, name)}", body
    )


async def _bulk(engine: Engine, name: str, lines: Sequence[bytes]) -> list[dict[str, Any]]:
    """The replies to the items; that something changed is written along."""
    changed = (dumps({"index": {"_id": CHANGES}}), dumps({"changed": token_hex(8)}))
    path = f"/{name}/_bulk?{_as_alias(engine, name)}"
    told = await engine.ask_lines(path, [*lines, *changed], seconds=SECONDS)
    return [reply for item in told["items"] for reply in item.values()]


def _as_alias(engine: Engine, name: str) -> str:
    """What keeps an engine from making an index of its own where ours was removed."""
    return f"require_alias={str(name == engine.address.index).lower()}"


def _check(replies: Iterable[Mapping[str, Any]], name: str, *, gone_is_fine: bool) -> None:
    for reply in replies:
        status = reply["status"]
        if status >= 300 and not (status == 404 and gone_is_fine):
            raise refused(status, reply.get("error", {}), f"a write to {name}")


def _batches(items: Iterable[tuple[bytes, ...]]) -> Iterator[list[bytes]]:
    """The lines of some items at a time."""
    lines: list[bytes] = []
    size = count = 0
    for item in items:
        length = sum(map(len, item))
        if lines and (count >= MOST_ITEMS or size + length > MOST_BYTES):
            yield lines
            lines, size, count = [], 0, 0
        lines += item
        size += length
        count += 1
    if lines:
        yield lines
