"""What lies in the folder, and how it is written. Synchronous; one caller at a time."""

from __future__ import annotations

import shutil
from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path

from promptuary.adapters.indexes._shared.facts import facts, numbers, numeric_fields
from promptuary.adapters.indexes._shared.records import Record, exchange
from promptuary.adapters.indexes.edge.engine import SEGMENT, Engine
from promptuary.adapters.indexes.edge.filters import numeric
from promptuary.adapters.indexes.edge.folder import Damaged, Folder
from promptuary.adapters.indexes.edge.ledger import Ledger
from promptuary.adapters.indexes.edge.pages import give_back
from promptuary.adapters.indexes.edge.points import (
    ID,
    KEPT,
    MEANING,
    WORDS,
    EngineFailed,
    point_id,
    to_dimensions,
    to_entry,
    to_id,
    to_point,
)
from promptuary.adapters.indexes.edge.remembering import Remembered
from promptuary.domain.errors import PromptuaryError
from promptuary.domain.found import Entry
from promptuary.domain.vectors import Space
from promptuary.retrieval.lexicon import Words, counted_terms

BATCH = 500
_FLUSH_AFTER = 10_000
_GIVE_BACK_AFTER = 2_000
_BYTES = 8
"""What a character takes at most: kept once, and once more in the engine's log."""
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class State:
    """How far the index is, as it stands in `state.json`.

    `synced` is the watermark that even a loss of power leaves true; `boot` names the run of the
    machine that wrote this; `suspect` is set when the engine failed at something it should not.
    `loose` counts the entries written since the engine last laid them out, when this was written.
    """

    watermark: int = 0
    expected: int = 0
    detail: str = ""
    synced: int = 0
    boot: str = ""
    suspect: bool = False
    loose: int = 0


class Store:
    """An open folder: the engine, the ledger and the state, kept in step."""

    def __init__(self, folder: Folder, space: Space, state: State, *, create: bool) -> None:
        """Open or create what lies in a claimed folder; raises Damaged when it cannot be used."""
        self.folder = folder
        self.space = space
        self.state = state
        self._unflushed = 0
        self._held = 0
        self._loose = state.loose
        self._ids: list[str] | None = None
        self._remembered = Remembered()
        self._open(create=create)

    def put(self, entries: Sequence[Entry]) -> None:
        """Write or overwrite up to BATCH entries of different ids; they are laid out for reading
        when they fill a segment."""
        ledger = self.ledger
        self.folder.find_room(_BYTES * sum(len(t) for e in entries for t in e.texts.values()))
        words = [counted_terms(entry.texts) for entry in entries]
        said = [facts(entry.payload) for entry in entries]
        self._name(entries, words, said)
        weights = [ledger.lexicon.weigh(counted) for counted in words]
        named = [[ledger.numbers[one] for one in some] for some in said]
        fields = [numbers(entry.payload) for entry in entries]
        points = [to_point(*parts) for parts in zip(entries, weights, named, fields, strict=True)]
        ids = [entry.id for entry in entries]
        before = self._standing(ids)
        self._remembered.forget(ids)
        with self._noted(exchange(weights, list(before.values()))):
            self.engine.upsert(points, {key for some in fields for key in some})
        self._unflushed += len(entries)
        self._held += len(entries)
        self._loose += len(entries)
        self._list(set(ids) - before.keys())
        self._tidy()

    def remove(self, ids: Iterable[str]) -> int:
        """How many existed."""
        before = self._standing(list(ids))
        if before:
            self.folder.find_room(0)
            self._remembered.forget(before)
            with self._noted(exchange([], list(before.values()))):
                self.engine.delete([point_id(key) for key in before])
            self._unflushed += len(before)
            self._unlist(before)
        return len(before)

    def get(self, ids: Collection[str]) -> dict[str, Entry]:
        """The entries that exist, by id."""
        entries = self._remembered.find(ids)
        if missing := [point_id(key) for key in ids if key not in entries]:
            records = self.engine.retrieve(missing, payload=[ID, KEPT], vectors=[MEANING])
            read = list(map(to_entry, records))
            self._remembered.keep(read)
            entries |= {entry.id: entry for entry in read}
        return entries

    def clear(self) -> None:
        """Begin anew in the same folder."""
        self.keep(
            watermark=0,
            synced=0,
            loose=0,
            expected=max(self.state.expected, self.state.watermark),
            detail="cleared",
        )
        self._remembered.clear()
        self.ledger.close()
        with suppress(EngineFailed):
            self.engine.close()
        shutil.rmtree(self.folder.shard)
        self.folder.ledger.unlink(missing_ok=True)
        self._open(create=True)

    def set_watermark(self, position: int) -> None:
        """Kept at once; synced with the engine's own files every _FLUSH_AFTER entries."""
        synced = {}
        if self._unflushed >= _FLUSH_AFTER:
            self.flush()
            synced = {"synced": position}
        self.keep(watermark=position, loose=self._loose, **synced)

    def flush(self) -> None:
        """Have every entry on disk, even when the power goes, and out of memory."""
        self.engine.flush()
        self._unflushed = 0
        give_back(self.folder.shard)

    def keep(self, **changes: int | str | bool) -> None:
        """Change the state and write it down."""
        state = replace(self.state, boot=boot(), **changes)  # type: ignore[arg-type]  # by name
        if state.watermark >= state.expected:
            state = replace(state, detail="")
        self.folder.write("state.json", asdict(state), sync="watermark" not in changes)
        self.state = state

    def ids(self) -> list[str]:
        """All ids in ascending order; read from the engine once, then kept up to date."""
        if self._ids is None:
            self._ids = sorted(to_id(record) for record in self.engine.scroll(None, ID))
        return self._ids

    def reconcile(self) -> None:
        """After a kill: the ledger may be ahead of the engine by the batch under way. Raises
        Damaged when they differ by anything else."""
        counted, noted = self.engine.count_worded(), self.ledger.lexicon.entries
        if counted not in (noted, noted - self.ledger.last_change):
            raise Damaged(f"the engine has {counted} entries with words, not {noted}")
        if counted != noted:
            self.ledger.append(Record(entries=counted - noted))

    def close(self) -> None:
        """Flush, seal and release. What cannot be flushed is left unsealed."""
        self.ledger.close()
        try:
            self.flush()
            self.keep(synced=self.state.watermark, loose=self._loose)
            self.engine.close()
            self.folder.seal()
        except PromptuaryError:
            with suppress(PromptuaryError):
                self.engine.close()
        finally:
            self.folder.release()

    def abandon(self) -> None:
        """Release the files as they are."""
        self.ledger.close()
        with suppress(EngineFailed):
            self.engine.close()

    def _tidy(self) -> None:
        """Memory is given back often, also before the laying out, which takes some."""
        if self._held >= _GIVE_BACK_AFTER or self._loose >= SEGMENT:
            give_back(self.folder.shard)
            self._held = 0
        if self._loose >= SEGMENT:
            self.engine.lay_out()
            give_back(self.folder.shard)
            self._loose = 0

    def _open(self, *, create: bool) -> None:
        if create:
            self.folder.find_room(0)
        self.ledger = Ledger(self.folder.ledger)
        try:
            self.engine = Engine(self.folder.shard, self.space.dimensions, create=create)
            self.entries = self.engine.count()
        except EngineFailed as failed:
            self.ledger.close()
            raise Damaged(str(failed)) from failed
        self._ids = [] if create else None
        give_back(self.folder.shard)

    def _name(
        self, entries: Iterable[Entry], words: Iterable[Words], said: Iterable[Iterable[str]]
    ) -> None:
        """Number what these entries mention for the first time."""
        terms, fields = self.ledger.lexicon.unknown(words)
        numeric_ones = {field for entry in entries for field in numeric_fields(entry.payload)}
        mentioned = dict.fromkeys(chain(*said, map(numeric, sorted(numeric_ones))))
        new = [one for one in mentioned if one not in self.ledger.numbers]
        if terms or fields or new:
            self.ledger.append(Record(terms=terms, fields=fields, facts=new))

    def _standing(self, ids: Iterable[str]) -> dict[str, list[int]]:
        """Which of these exist, with the dimensions of their words."""
        points = [point_id(key) for key in ids]
        records = self.engine.retrieve(points, payload=[ID], vectors=[WORDS])
        return {to_id(record): to_dimensions(record) for record in records}

    @contextmanager
    def _noted(self, change: Record) -> Iterator[None]:
        """Note a change in the ledger, and take it back when the engine does not follow."""
        self.ledger.append(change)
        try:
            yield
        except PromptuaryError:
            with suppress(PromptuaryError):
                self.ledger.append(change.undone())
            raise

    def _list(self, new: set[str]) -> None:
        self.entries += len(new)
        if self._ids is not None:
            for key in new:
                insort(self._ids, key)

    def _unlist(self, gone: Collection[str]) -> None:
        self.entries -= len(gone)
        if self._ids is not None:
            for key in gone:
                del self._ids[bisect_left(self._ids, key)]


def boot() -> str:
    """The name of this run of the machine; empty where the system does not tell."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""
