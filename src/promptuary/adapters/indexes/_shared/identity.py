"""Whose an index is, and of which space: a note that it keeps from its beginning on."""

from __future__ import annotations

import json
from dataclasses import asdict

from promptuary.adapters.indexes._shared.engine import Engine
from promptuary.domain.errors import Misconfigured, SpaceMismatch
from promptuary.domain.vectors import Space

_FORMAT = 1
_IDENTITY = "identity"


async def claim(engine: Engine, space: Space, place: str) -> None:
    """Make it ours if it is new; raises SpaceMismatch when it keeps vectors of another space, and
    Misconfigured when it is none of ours or was written by another release."""
    kept = await engine.read_note(_IDENTITY)
    if kept is None:
        if await engine.count(None):
            raise Misconfigured(f"{place} holds what somebody else put there: name another")
        identity = {"format": _FORMAT, "space": asdict(space)}
        await engine.write_note(_IDENTITY, json.dumps(identity))
        return
    identity = json.loads(kept)
    if identity.get("format") != _FORMAT:
        raise Misconfigured(f"{place} was written by another release: rebuild it under a new name")
    known = identity.get("space")
    known = known if isinstance(known, dict) else {}
    if known.get("fingerprint") != space.fingerprint:
        raise SpaceMismatch(
            f"{place} holds vectors of {known.get('name')}, not of {space.name}: open it with "
            "the embedder it was built with, or give another name to build a new one"
        )
