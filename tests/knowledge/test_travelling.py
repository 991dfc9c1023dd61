"""Collections out into a file and in again."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from knowledge.reading_here import keeping, knowledge, write
from promptuary.domain import plain
from promptuary.domain.archives import CollectionArchive
from promptuary.domain.documents import Content
from promptuary.domain.errors import InvalidInput, NotFound, TooLarge
from promptuary.domain.judgements import CollectionCalibration
from promptuary.domain.prompts import collection_id
from promptuary.knowledge import archives
from promptuary.knowledge.archives import CONTENTS, MANIFEST, MIMETYPE, verify
from promptuary.knowledge.sync import sync
from promptuary.knowledge.travelling import take_in, write_out
from promptuary.testing.fakes.blob_store import FakeBlobStore
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork
from promptuary.testing.record_documents import document, passages, source

pytestmark = pytest.mark.anyio
NAMES = ("a.md", "b.md", "ü \x00 odd.md")


def content(name: str) -> Content:
    text = document(source(name))
    return Content(source(name), (text,), tuple(passages(text, "x", "y")))


@pytest.fixture
async def record() -> MemoryUnitOfWork:
    """A collection of three sources, one of them unread, and its calibration."""
    made = MemoryUnitOfWork()
    failed = Content(source("c.pdf", status="failed"))
    async with made.begin() as tx:
        await tx.collections.ensure(source("a.md").collection)
        await tx.documents.replace([*map(content, NAMES), failed])
        await tx.judgements.calibrate(CollectionCalibration(source("a.md").collection, 0.5, -1.0))
    return made


HOME = source("a.md").collection


@pytest.fixture
async def path(record: MemoryUnitOfWork, tmp_path: Path) -> Path:
    """That collection in a file."""
    written = tmp_path / "out.zip"
    with written.open("wb") as file:
        await write_out(record, HandClock(), HOME, file, {"chunk_size": "1000"})
    return written


async def everything(record: MemoryUnitOfWork, collection: str) -> list[Content]:
    held = []
    async with record.read() as tx:
        for each in (await tx.documents.list(collection_id(collection))).items:
            documents = await tx.documents.within(each.id)
            found = [p for d in documents for p in await tx.documents.passages_of(d.id)]
            held.append(Content(replace(each, stamp=""), tuple(documents), tuple(found)))
    return held


async def test_what_went_out_comes_in_as_it_was(record, path):
    other = MemoryUnitOfWork()
    taken = await take_in(knowledge(record=other), path)
    assert (taken.collection, taken.archive.sources, taken.passages) == (HOME, 4, 6)
    assert taken.archive.settings == {"chunk_size": "1000"}
    assert await everything(other, HOME) == await everything(record, HOME)
    async with other.read() as tx:
        assert (await tx.judgements.calibration(HOME)).slope == 0.5
        assert len(await tx.outbox.after(0, limit=99)) == 6
    assert (await take_in(knowledge(record=other), path)).passages == 0


async def test_it_can_come_in_under_another_name_beside_the_first(record, path):
    taken = await take_in(knowledge(record=record), path, "other")
    assert taken.passages == 6
    was, now = await everything(record, HOME), await everything(record, "other")
    assert [each.source.name for each in now] == [each.source.name for each in was]
    texts = [[p.text for p in each.passages] for each in now]
    assert texts == [[p.text for p in each.passages] for each in was]
    assert {p.id for c in now for p in c.passages}.isdisjoint(p.id for c in was for p in c.passages)
    assert (await take_in(knowledge(record=record), path, "other")).passages == 0


async def test_other_sources_of_the_collection_stay(record, path):
    async with record.begin() as tx:
        await tx.documents.replace([content("later.md")])
    await take_in(knowledge(record=record), path)
    assert len(await everything(record, HOME)) == 5


async def test_a_collection_that_is_not_there_is_not_found(record):
    with pytest.raises(NotFound):
        await write_out(record, HandClock(), "nowhere", io.BytesIO(), {})


def rewritten(path: Path, change=None, *, lines=None, extra=(), comment=MIMETYPE) -> Path:
    """The archive with something changed, and a digest that fits all the same."""
    with zipfile.ZipFile(path) as was:
        manifest = plain.decode(CollectionArchive, was.read(MANIFEST))
        held = was.read(CONTENTS).splitlines(keepends=True)
    held = lines(held) if lines else held
    body = b"".join(held)
    said = replace(manifest, digest=sha256(body).hexdigest())
    said = change(said) if change else said
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as now:
        now.comment = comment
        now.writestr(MANIFEST, plain.encode(said))
        now.writestr(CONTENTS, body)
        for name in extra:
            now.writestr(name, b"x")
    return path


def altered(**members):
    """The first line with members of its first passage changed."""

    def change(lines):
        first = json.loads(lines[0])
        first["passages"][0] |= members
        return [json.dumps(first).encode() + b"\n", *lines[1:]]

    return change


def foreign(lines):
    first = json.loads(lines[0])
    first["source"]["id"] = "00000000-0000-4000-8000-000000000000"
    return [json.dumps(first).encode() + b"\n", *lines[1:]]


DAMAGES = {
    "a passage that is no piece of its document": {"lines": altered(text="Somebody else wrote.")},
    "offsets out of bounds": {"lines": altered(start=-1)},
    "a passage of another document": {"lines": altered(document_id="nowhere")},
    "a source under an id that is not its own": {"lines": foreign},
    "the same source twice": {"lines": lambda lines: [*lines, lines[0]]},
    "no JSON": {"lines": lambda lines: [b"{\n", *lines]},
    "deep JSON": {"lines": lambda lines: [b"[" * 100_000 + b"\n"]},
    "counts that do not fit": {"change": lambda said: replace(said, passages=7)},
    "a digest that does not fit": {"change": lambda said: replace(said, digest="0" * 64)},
    "a file that wants to be elsewhere": {"extra": ["../../evil"]},
    "a file too many": {"extra": ["more.txt"]},
    "another version": {"comment": b"promptuary-collection/9"},
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_what_is_damaged_or_altered_is_refused_whole(path, damage):
    other = MemoryUnitOfWork()
    with pytest.raises(InvalidInput):
        await take_in(knowledge(record=other), rewritten(path, **DAMAGES[damage]))
    async with other.read() as tx:
        assert (await tx.collections.list()).total == 0


@pytest.mark.parametrize("cut", [0, 1, 100, -1, -40])
async def test_what_is_cut_off_or_flipped_is_refused(path, cut):
    body = path.read_bytes()
    path.write_bytes(body[:cut] if cut >= 0 else body[: len(body) + cut])
    with pytest.raises(InvalidInput):
        await take_in(knowledge(), path)


async def test_what_unpacks_to_too_much_is_refused(path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_BYTES", 1_000)
    with path.open("rb") as file, pytest.raises(TooLarge):
        verify(file)


async def with_originals(tmp_path: Path, store: FakeBlobStore) -> Path:
    """Three files, two of them the same, out with their originals."""
    parts = keeping(knowledge(), store, tmp_path / "drafts")
    write(tmp_path / "docs", a__md="# One", b__md="# One", c__csv="a,b\n1,2\n")
    await sync(parts, tmp_path / "docs", "default")
    written = tmp_path / "out.zip"
    with written.open("wb") as file:
        await write_out(parts.record, parts.clock, "default", file, {}, originals=parts.originals)
    return written


async def test_originals_travel_once_for_all_sources_that_were_read_from_them(tmp_path):
    written = await with_originals(tmp_path, FakeBlobStore())
    there = FakeBlobStore()
    other = keeping(knowledge(), there, tmp_path / "other")
    taken = await take_in(other, written)
    assert (taken.archive.originals, taken.originals, taken.archive.missing) == (2, 3, 0)
    assert sorted(there.files.values()) == [b"# One", b"# One", b"a,b\n1,2\n"]
    async with other.record.read() as tx:
        (source,) = [e for e in (await tx.documents.list()).items if e.path == "c.csv"]
    await other.originals.fetch(source.id, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == b"a,b\n1,2\n"
    assert list((tmp_path / "other").iterdir()) == []
    assert (await take_in(knowledge(), written)).originals == 0


async def test_an_original_that_is_gone_or_altered_is_counted_and_stops_nothing(tmp_path):
    class Forgetful(FakeBlobStore):
        """Keeps nothing of a table, and half of the rest."""

        async def put(self, name: str, source: Path) -> None:
            await super().put(name, source)
            body = self.files.pop(name)
            if b"1,2" not in body:
                self.files[name] = body[:2]

    written = await with_originals(tmp_path, Forgetful())
    with written.open("rb") as file:
        said = verify(file)
    assert (said.sources, said.originals, said.missing) == (3, 0, 2)


@pytest.mark.parametrize("name", ["originals/" + "0" * 64, "originals/../../evil", "originals/x"])
async def test_an_original_that_is_not_what_its_name_says_is_refused(path, name):
    counted = rewritten(path, lambda said: replace(said, originals=1), extra=[name])
    with counted.open("rb") as file, pytest.raises(InvalidInput):
        verify(file)


async def test_an_archive_from_before_there_were_originals_is_read(path):
    assert (await take_in(knowledge(), rewritten(path, comment=archives.BEFORE))).passages == 6
