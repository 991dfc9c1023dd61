from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.reading_here import HereReader, knowledge, write
from promptuary.domain.documents import Passage, Source
from promptuary.domain.errors import InvalidInput, PromptuaryError
from promptuary.domain.loading import Unread
from promptuary.domain.reports import SyncReport
from promptuary.knowledge.chunking import Chunking
from promptuary.knowledge.keeping import AGAIN, Knowledge
from promptuary.knowledge.sync import sync

pytestmark = pytest.mark.anyio


async def run(parts: Knowledge, path: Path, **options: bool) -> SyncReport:
    return await sync(parts, path, "default", **options)


async def sources(parts: Knowledge) -> dict[str, Source]:
    async with parts.record.read() as tx:
        return {each.path: each for each in (await tx.documents.list()).items}


async def passages(parts: Knowledge) -> list[Passage]:
    async with parts.record.read() as tx:
        return list((await tx.documents.every_passage()).items)


async def told(parts: Knowledge) -> list[str]:
    """What the index has heard of."""
    async with parts.record.read() as tx:
        return [row.entity_id for row in await tx.outbox.after(0, limit=999)]


async def test_every_passage_is_exactly_what_stands_in_its_document(tmp_path: Path) -> None:
    write(tmp_path, a__md="# One\n\n" + "word. " * 99, b__csv="a,b\n1,2\n", c__html="<p>text")
    parts = knowledge()
    report = await run(parts, tmp_path)
    assert report.counts == {"new": 3}
    found = await passages(parts)
    assert report.passages == len(found) > 3
    async with parts.record.read() as tx:
        for each in found:
            document = await tx.documents.get(each.document_id)
            assert document.text[each.start : each.end] == each.text
            assert document.source == each.source


async def test_what_is_unchanged_is_not_opened_again(tmp_path: Path) -> None:
    write(tmp_path, a__md="one", b__md="two")
    parts = knowledge(reader := HereReader())
    await run(parts, tmp_path)
    reader.asked.clear()
    report = await run(parts, tmp_path)
    assert (reader.asked, report.unchanged, report.counts) == ([], 2, {})


async def test_only_what_changed_is_read_and_told(tmp_path: Path) -> None:
    write(tmp_path, a__md="# One\n\nfirst", b__md="two")
    parts = knowledge(reader := HereReader())
    await run(parts, tmp_path)
    before = await told(parts)
    reader.asked.clear()
    write(tmp_path, a__md="# One\n\nsecond one")
    report = await run(parts, tmp_path)
    assert reader.asked == ["a.md"]
    assert (report.counts, report.unchanged, report.passages) == ({"changed": 1}, 1, 2)
    assert len(await told(parts)) == len(before) + 2
    assert sorted(each.text for each in await passages(parts)) == ["# One\n\nsecond one", "two"]


async def test_a_passage_that_only_moved_is_not_told_again(tmp_path: Path) -> None:
    write(tmp_path, a__md=f"# A\n\n{'one ' * 40}\n\n# B\n\n{'two ' * 40}")
    parts = knowledge()
    await run(parts, tmp_path)
    before = {each.text: each for each in await passages(parts)}
    text = (tmp_path / "a.md").read_text()
    write(tmp_path, a__md=f"## New\n\n{'zero ' * 30}\n\n{text}")
    report = await run(parts, tmp_path)
    after = {each.text: each for each in await passages(parts)}
    assert report.passages == 1
    moved = [(before[text], after[text]) for text in before]
    assert all(
        a.id == b.id and a.start < b.start and (a.line or 0) < (b.line or 0) for a, b in moved
    )


async def test_what_was_touched_without_a_change_is_read_but_not_written(tmp_path: Path) -> None:
    write(tmp_path, a__md="one")
    parts = knowledge()
    await run(parts, tmp_path)
    os.utime(tmp_path / "a.md", (5, 5))
    report = await run(parts, tmp_path)
    assert (report.counts, report.passages) == ({"same": 1}, 0)
    assert (await run(parts, tmp_path)).unchanged == 1


async def test_what_is_gone_from_the_folder_goes_from_the_collection(tmp_path: Path) -> None:
    write(tmp_path, a__md="one", b__md="two")
    parts = knowledge()
    await run(parts, tmp_path)
    gone = {each.id for each in await passages(parts) if each.text == "one"}
    (tmp_path / "a.md").unlink()
    report = await run(parts, tmp_path)
    assert report.counts == {"removed": 1}
    assert [each.text for each in await passages(parts)] == ["two"]
    assert gone <= set((await told(parts))[-1:])


async def test_what_lies_in_a_folder_that_is_closed_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inner").mkdir()
    write(tmp_path / "inner", a__md="one")
    parts = knowledge()
    await run(parts, tmp_path)
    scandir = os.scandir

    def closed(path: Path) -> object:
        if str(path).endswith("inner"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    report = await run(parts, tmp_path)
    assert report.counts == {"skipped": 1}
    assert len(await passages(parts)) == 1


async def test_a_dry_run_says_what_would_be_done_and_does_nothing(tmp_path: Path) -> None:
    write(tmp_path, a__md="one", b__md="two")
    parts = knowledge(reader := HereReader())
    await run(parts, tmp_path)
    (tmp_path / "a.md").unlink()
    write(tmp_path, b__md="other", c__md="new")
    before, reader.asked = await sources(parts), []
    report = await run(parts, tmp_path, dry_run=True)
    said = {each.name.rpartition("/")[2]: each.status for each in report.outcomes}
    assert said == {"a.md": "removed", "b.md": "changed", "c.md": "new"}
    assert (report.dry_run, reader.asked, await sources(parts)) == (True, [], before)


async def test_a_bad_file_is_named_and_stops_no_other(tmp_path: Path) -> None:
    write(tmp_path, a__json="{", b__md="fine", c__md="")
    (tmp_path / "d.md").write_bytes(b"\x7fELF\x00\x00")
    parts = knowledge()
    report = await run(parts, tmp_path)
    assert report.counts == {"failed": 2, "new": 1, "empty": 1}
    bad = {each.name.rpartition("/")[2]: each for each in report.outcomes if each.code}
    assert set(bad) == {"a.json", "d.md"}
    assert "no JSON" in bad["a.json"].reason
    assert (await sources(parts))["d.md"].status == "failed"


async def test_a_bad_file_is_not_read_again_until_it_changes(tmp_path: Path) -> None:
    write(tmp_path, a__json="{")
    parts = knowledge(reader := HereReader())
    await run(parts, tmp_path)
    assert (await run(parts, tmp_path)).unchanged == 1
    write(tmp_path, a__json='{"a": 1}')
    assert (await run(parts, tmp_path)).counts == {"changed": 1}
    assert len(reader.asked) == 2


async def test_a_file_that_turned_bad_leaves_nothing_of_what_it_was(tmp_path: Path) -> None:
    write(tmp_path, a__json='{"a": 1}')
    parts = knowledge()
    await run(parts, tmp_path)
    write(tmp_path, a__json="{")
    report = await run(parts, tmp_path)
    assert (report.counts, await passages(parts)) == ({"failed": 1}, [])


async def test_what_was_read_stays_while_its_file_is_away_for_a_moment(tmp_path: Path) -> None:
    write(tmp_path, a__md="one", b__md="two")
    parts = knowledge(reader := HereReader())
    reader.trouble = {"b.md": Unread("", "TIMED_OUT", "slow today")}
    await run(parts, tmp_path)
    os.utime(tmp_path / "a.md", (5, 5))
    reader.trouble["a.md"] = Unread("", "UNAVAILABLE", "gone for lunch")
    report = await run(parts, tmp_path)
    assert report.counts == {"failed": 2}
    assert [each.text for each in await passages(parts)] == ["one"]
    reader.trouble.clear()
    assert (await run(parts, tmp_path)).counts == {"same": 1, "changed": 1}


async def test_parts_that_cannot_be_read_are_named_beside_those_that_can(tmp_path: Path) -> None:
    write(tmp_path, a__jsonl='{"a": 1}\nno\n')
    parts = knowledge()
    report = await run(parts, tmp_path)
    assert (report.counts, report.failed) == ({"partly": 1}, 1)
    assert "line 2" in report.outcomes[0].reason
    assert len(await passages(parts)) == 1


async def test_another_chunking_reads_everything_again(tmp_path: Path) -> None:
    write(tmp_path, a__md="word " * 50)
    parts = knowledge()
    await run(parts, tmp_path)
    parts = replace(parts, chunking=Chunking(100, 0))
    assert (await run(parts, tmp_path)).counts == {"changed": 1}
    assert all(len(each.text) <= 100 for each in await passages(parts))


async def test_one_file_can_be_synced_by_itself(tmp_path: Path) -> None:
    write(tmp_path, a__md="one", b__md="two")
    parts = knowledge()
    await run(parts, tmp_path / "a.md")
    assert [each.text for each in await passages(parts)] == ["one"]
    await run(parts, tmp_path)
    (tmp_path / "b.md").unlink()
    await run(parts, tmp_path / "a.md")
    assert len(await passages(parts)) == 2


async def test_a_folder_that_is_not_there_is_refused_and_nothing_is_removed(tmp_path: Path) -> None:
    write(tmp_path / "here", a__md="one")
    parts = knowledge()
    await run(parts, tmp_path / "here")
    (tmp_path / "here").rename(tmp_path / "there")
    with pytest.raises(InvalidInput, match="no file or folder"):
        await run(parts, tmp_path / "here")
    assert len(await passages(parts)) == 1


async def test_links_and_hidden_files_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, a__md="one")
    write(tmp_path / ".git", b__md="two")
    write(tmp_path / "node_modules", c__md="three")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "link.md").symlink_to(tmp_path / "a.md")
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "picture.png").write_bytes(b"png")
    report = await run(knowledge(), tmp_path)
    assert report.counts == {"new": 1, "skipped": 4}


async def test_odd_names_are_kept(tmp_path: Path) -> None:
    names = [b"two\nlines.md", b"bad \xff bytes.md", "ü 👍.md".encode(), b"'quoted\".md"]
    for name in names:
        (tmp_path / os.fsdecode(name)).write_text("text")
    parts = knowledge()
    report = await run(parts, tmp_path)
    assert report.counts == {"new": 4}
    assert set(await sources(parts)) == {os.fsdecode(name) for name in names}


class StoppedError(Exception):
    """Somebody pulled the plug."""


async def test_what_was_written_before_a_stop_stays_and_the_rest_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("promptuary.knowledge.keeping.FILES", 2)
    write(tmp_path, **{f"f{n}__md": f"text {n}" for n in range(7)})
    parts = knowledge(reader := HereReader())

    def stop(path: Path) -> None:
        if path.name == "f5.md":
            raise StoppedError

    reader.before = stop
    with pytest.raises(StoppedError):
        await run(parts, tmp_path)
    kept = len(await passages(parts))
    assert 0 < kept < 7
    reader.before = lambda _: None
    report = await run(parts, tmp_path)
    assert (report.counts, report.unchanged) == ({"new": 7 - kept}, kept)


async def test_two_syncs_at_once_end_as_one(tmp_path: Path) -> None:
    write(tmp_path, **{f"f{n}__md": f"text {n}" for n in range(9)})
    parts = knowledge()
    await asyncio.gather(*(run(parts, tmp_path) for _ in range(3)))
    assert len(await passages(parts)) == 9
    assert (await run(parts, tmp_path)).unchanged == 9


async def test_collections_do_not_see_each_other(tmp_path: Path) -> None:
    write(tmp_path, a__md="one")
    parts = knowledge()
    await sync(parts, tmp_path, "first")
    await sync(parts, tmp_path, "second")
    (tmp_path / "a.md").unlink()
    await sync(parts, tmp_path, "first")
    assert [each.collection for each in await passages(parts)] == ["second"]


def test_every_trouble_that_is_tried_again_is_an_error_of_ours() -> None:
    assert {each.code for each in all_errors(PromptuaryError)} >= AGAIN


def all_errors(error: type[PromptuaryError]) -> list[type[PromptuaryError]]:
    return [error, *(below for child in error.__subclasses__() for below in all_errors(child))]
