"""The generations of an index: what was made of the record, and when it was made anew."""

from __future__ import annotations

from promptuary.adapters.indexes._lucene import opening
from promptuary.adapters.indexes._lucene.documents import KEY
from promptuary.adapters.indexes._lucene.wire import Engine
from promptuary.ports.index import Generation


async def known(engine: Engine) -> list[Generation]:
    """Every generation that the engine keeps, oldest first."""
    serving = await opening.standing(engine)
    return [
        await _known(engine, name, serves=name == serving)
        for name in await opening.numbers_of(engine)
    ]


async def forget_others(engine: Engine) -> None:
    """Remove what does not serve: generations of before, and what nobody finished."""
    serving = await opening.standing(engine)
    for name in await opening.numbers_of(engine):
        if name != serving:
            await engine.ask("DELETE", f"/{name}", seconds=30.0)


async def _known(engine: Engine, name: str, *, serves: bool) -> Generation:
    await engine.ask("POST", f"/{name}/_refresh", seconds=30.0)
    counted = await engine.ask("POST", f"/{name}/_count", {"query": {"exists": {"field": KEY}}})
    told = await engine.ask("GET", f"/{name}/_stats/store")
    return Generation(
        name=name,
        entries=int(counted["count"]),
        bytes=int(told["_all"]["total"]["store"]["size_in_bytes"]),
        serves=serves,
    )
