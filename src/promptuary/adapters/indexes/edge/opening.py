"""Opening a folder: whole and of the right space, or set aside and begun anew."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import anyio.to_thread

from promptuary.adapters.indexes.edge.folder import Damaged, Folder
from promptuary.adapters.indexes.edge.index import EdgeIndex
from promptuary.adapters.indexes.edge.store import State, Store, boot
from promptuary.domain.errors import Misconfigured, SpaceMismatch
from promptuary.domain.vectors import Space

_FORMAT = 2
"""Raised when the folder of an older release cannot be read any more; it is then begun anew."""


async def connect(url: str, *, space: Space) -> EdgeIndex:
    """Open `edge:/path/to/folder`, made if there was none.

    Raises Busy when another process has it open, SpaceMismatch when it holds vectors of another
    space, Misconfigured when the folder holds other things. A folder that is damaged is moved to
    `<folder>.damaged-N` and begun anew; health then says so until the watermark is back.
    """
    path = url.partition(":")[2].removeprefix("//")
    if not path:
        raise Misconfigured("edge: needs a folder: edge:/path/to/folder")
    return EdgeIndex(await anyio.to_thread.run_sync(open_store, Path(path), space))


def open_store(path: Path, space: Space) -> Store:
    """As `connect` says; synchronous."""
    folder = Folder(path.expanduser().absolute())
    try:
        try:
            return _open(folder, space)
        except Damaged as damage:
            return _begin_anew(folder, space, str(damage))
    except BaseException:
        folder.release()
        raise


def _open(folder: Folder, space: Space) -> Store:
    identity = folder.read("identity.json")
    if identity is None:
        if folder.shard.exists():
            raise Damaged("identity.json is missing")
        return _create(folder, space, State())
    if identity.get("format") != _FORMAT:
        raise Damaged("the folder was written by another release")
    kept = identity.get("space", {})
    if kept.get("fingerprint") != space.fingerprint:
        raise SpaceMismatch(
            f"{folder.path} holds vectors of {kept.get('name')}, not of {space.name}: open it with "
            "the embedder it was built with, or rebuild it"
        )
    sealed = folder.break_seal()
    state = _read_state(folder, sealed=sealed)
    if state is None or state.suspect or not folder.shard.is_dir():
        raise Damaged("state.json is missing" if state is None else "the engine failed")
    store = Store(folder, space, state, create=False)
    try:
        if not sealed:
            store.reconcile()
    except BaseException:
        store.abandon()
        raise
    return store


def _read_state(folder: Folder, *, sealed: bool) -> State | None:
    """The state, taken back to what was synced if the machine went down since."""
    kept = folder.read("state.json")
    if kept is None:
        return None
    try:
        state = State(**kept)
    except TypeError as error:
        raise Damaged("state.json is not what was written") from error
    if sealed or (state.boot and state.boot == boot()):
        return state
    return replace(
        state,
        watermark=state.synced,
        expected=max(state.expected, state.watermark),
        detail="the machine went down while it was written",
    )


def _create(folder: Folder, space: Space, state: State) -> Store:
    folder.write("state.json", asdict(state))
    store = Store(folder, space, state, create=True)
    folder.write("identity.json", {"format": _FORMAT, "space": asdict(space)})
    return store


def _begin_anew(folder: Folder, space: Space, damage: str) -> Store:
    try:
        kept = folder.read("state.json") or {}
    except Damaged:
        kept = {}
    lost = [at for at in (kept.get("watermark"), kept.get("expected")) if isinstance(at, int)]
    aside = folder.set_aside()
    detail = f"damaged ({damage}), moved to {aside}; being rebuilt"
    return _create(folder, space, State(expected=max([1, *lost]), detail=detail))
