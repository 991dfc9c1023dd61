"""What a client had of a server outlives the client: whole, for one key, and within bounds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from api.running import running
from promptuary import RemoteClient
from promptuary.domain.errors import Misconfigured, NotFound, Unauthenticated, Unavailable
from promptuary.domain.library import KeptPrompt
from promptuary.sdk import folder_cache
from promptuary.sdk.folder_cache import FolderCache, Good
from promptuary.sdk.line import Sent
from promptuary.sdk.remembering import STALE_SECONDS, Remembered
from promptuary.testing.fakes.clock import START
from promptuary.testing.record_library import a_prompt, a_version
from sdk.away import Away

pytestmark = pytest.mark.anyio
KEY = "a key that somebody made up"
WHERE = "http://prompts.example.com"
SENT = Sent("GET", "/api/v1/library/prompts/a", {"label": "production"})


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch) -> None:
    monkeypatch.setattr(folder_cache, "ROUNDS", 1)


def good(text: str = "One") -> Good:
    version = a_version("a", text=text)
    return Good(KeptPrompt(replace(a_prompt("a"), latest=version.id), version, ()), '"1"', START)


def asking(number: int) -> Sent:
    return replace(SENT, query={"version": number})


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.prompt"))


async def test_another_client_of_that_key_and_server_reads_what_was_put(tmp_path) -> None:
    folder = tmp_path / "not" / "there"
    assert await FolderCache(folder, WHERE, KEY).get(SENT) is None
    await FolderCache(folder, f"{WHERE}/", f" {KEY}\n").put(SENT, good())
    assert await FolderCache(folder, WHERE, KEY).get(SENT) == good()
    assert await FolderCache(folder, WHERE, KEY).get(asking(2)) is None


@pytest.mark.parametrize(
    ("where", "key"), [(WHERE, "another"), (WHERE, None), (f"{WHERE}:81", KEY)]
)
async def test_another_key_or_server_gets_nothing(tmp_path, where, key) -> None:
    await FolderCache(tmp_path, WHERE, KEY).put(SENT, good())
    other = FolderCache(tmp_path, where, key)
    assert await other.get(SENT) is None
    await other.put(SENT, good("Two"))
    first, second = files(tmp_path)
    for path, taken in ((first, second), (second, first)):
        whole = path.read_bytes()
        path.write_bytes(taken.read_bytes())
        assert [await FolderCache(tmp_path, WHERE, KEY).get(SENT), await other.get(SENT)].count(
            None
        ) == 1
        path.write_bytes(whole)


async def test_the_key_is_in_no_name_and_no_file_and_nobody_else_may_read(tmp_path) -> None:
    folder = tmp_path / "cache"
    await FolderCache(folder, WHERE, KEY).put(SENT, good())
    (path,) = files(folder)
    assert KEY.encode() not in path.name.encode() + path.read_bytes()
    assert (folder.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


DAMAGES = {
    "cut off": lambda data: data[:-5],
    "empty": lambda data: b"",
    "changed": lambda data: data.replace(b"One", b"Two"),
    "foreign": lambda data: b"\x00\xff" * 100,
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_what_is_damaged_or_foreign_is_left_out_and_said_once(
    tmp_path, caplog, damage
) -> None:
    cache = FolderCache(tmp_path, WHERE, KEY)
    await cache.put(SENT, good())
    (path,) = files(tmp_path)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert [await cache.get(SENT) for _ in range(3)] == [None] * 3
    assert [f"{path} is damaged or not ours" in each for each in caplog.messages] == [True]
    await cache.put(SENT, good("Two"))
    assert await cache.get(SENT) == good("Two")


async def test_a_file_of_another_version_is_left_out_and_said(tmp_path, caplog) -> None:
    cache = FolderCache(tmp_path, WHERE, KEY)
    await cache.put(SENT, replace(good(), kept={"other": 1}))  # type: ignore[arg-type]  # on purpose
    assert await cache.get(SENT) is None
    assert "is of another version" in caplog.text


async def test_the_longest_untouched_go_first_and_what_is_not_ours_stays(tmp_path) -> None:
    (tmp_path / "mine.txt").write_text("x" * 10_000)
    (tmp_path / "draft-old").touch()
    (tmp_path / "draft-new").touch()
    os.utime(tmp_path / "draft-old", (0, 0))
    cache = FolderCache(tmp_path, WHERE, KEY, most=3)
    for number in range(5):
        await cache.put(asking(number), good())
        for path in files(tmp_path):
            os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 100))
        await cache.put(asking(0), good())  # used all the time
    left = [n for n in range(5) if await cache.get(asking(n))]
    assert left == [0, 3, 4]
    assert sorted(path.name for path in tmp_path.iterdir() if path not in files(tmp_path)) == [
        "draft-new",
        "mine.txt",
    ]


async def test_the_folder_keeps_within_its_bytes(tmp_path, caplog) -> None:
    cache = FolderCache(tmp_path, WHERE, KEY, most_bytes=20_000)
    for number in range(10):
        await cache.put(asking(number), good("x" * 5_000))
        assert await cache.get(asking(number)) is not None
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 20_000
    await cache.put(SENT, good("x" * 10_000))
    assert await cache.get(SENT) is None
    assert "too large" in caplog.text
    assert len(files(tmp_path)) == 3


def no_folder(path: Path) -> None:
    path.parent.write_text("a file")


def no_files(path: Path) -> None:
    path.mkdir(parents=True)


@pytest.mark.parametrize("spoilt", [no_folder, no_files])
async def test_a_folder_that_cannot_be_used_breaks_no_read(tmp_path, caplog, spoilt) -> None:
    cache = FolderCache(tmp_path / "cache", WHERE, KEY)
    spoilt(cache._path(SENT))
    line = Away()
    assert await again(line, cache).get(SENT) == line.kept
    assert "cannot be read" in caplog.text
    assert "nothing can be kept in" in caplog.text
    line.fails = NotFound("prompt", "a")
    with pytest.raises(NotFound):
        await again(line, cache).get(SENT)
    assert "cannot be removed" in caplog.text


@pytest.fixture
def cache(tmp_path) -> FolderCache:
    return FolderCache(tmp_path / "cache", WHERE, KEY)


def again(line: Away, cache: FolderCache, time: Any = START) -> Remembered:
    """As after a restart."""
    return Remembered(line, cache, now=lambda: time)  # type: ignore[arg-type]  # reads like one


async def test_a_new_process_asks_the_server_first(cache) -> None:
    line = Away()
    await again(line, cache).get(SENT)
    assert await again(line, cache).get(SENT) == line.kept
    line.kept, line.etag = good("Two").kept, '"2"'
    assert await again(line, cache).get(SENT) == line.kept
    assert line.asked == [None, '"1"', '"1"']


async def test_a_new_process_serves_the_last_good_version_and_says_since_when(cache) -> None:
    line, later = Away(), START + timedelta(days=2)
    await again(line, cache).get(SENT)
    line.fails = Unavailable("away")
    remembered = again(line, cache, later)
    told = await remembered.get(SENT)
    assert (told.version, told.stale_since) == (line.kept.version, START)
    assert await remembered.get(SENT) == told
    await remembered.settled()
    with pytest.raises(Unavailable):
        await remembered.get(asking(2))
    line.fails = None
    assert (await again(line, cache, later).get(SENT)).stale_since is None
    line.fails = Unavailable("away again")
    assert (await again(line, cache, later).get(SENT)).stale_since == later


@pytest.mark.parametrize("refusal", [NotFound("prompt", "a"), Unauthenticated("revoked")])
async def test_what_the_server_refuses_is_not_served_on(cache, refusal) -> None:
    line = Away()
    await again(line, cache).get(SENT)
    line.fails = refusal
    with pytest.raises(type(refusal)):
        await again(line, cache).get(SENT)
    line.fails = Unavailable("away")
    with pytest.raises(Unavailable):
        await again(line, cache).get(SENT)


async def test_what_something_else_answers_in_its_place_loses_nothing(cache) -> None:
    line = Away()
    await again(line, cache).get(SENT)
    line.fails = Misconfigured("a gateway answered 404")
    with pytest.raises(Misconfigured):
        await again(line, cache).get(SENT)
    line.fails = Unavailable("away")
    assert (await again(line, cache).get(SENT)).stale_since == START


async def test_callers_do_not_wait_each_time_for_a_server_that_is_long_away(cache) -> None:
    line, time = Away(), [START]
    remembered = Remembered(line, cache, now=lambda: time[0])  # type: ignore[arg-type]  # as above
    await remembered.get(SENT)
    line.fails = Unavailable("away")
    time[0] += timedelta(seconds=STALE_SECONDS + 1)
    await remembered.get(SENT)
    asked = len(line.asked)
    told = await remembered.get(SENT)
    assert (told.stale_since, len(line.asked)) == (START, asked)
    await remembered.settled()


TESTS = Path(__file__).parents[1]
KILLED = """
import os, signal, sys, anyio
from pathlib import Path
from sdk import test_folder_cache as tests
from promptuary.sdk import folder_cache
folder_cache.ROUNDS = 1
Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
anyio.run(tests.FolderCache(sys.argv[1], tests.WHERE, tests.KEY).put, tests.SENT, tests.good("Two"))
"""
WRITING = """
import sys, anyio
from sdk import test_folder_cache as tests
from promptuary.sdk import folder_cache
folder_cache.ROUNDS = 1

async def write() -> None:
    cache = tests.FolderCache(sys.argv[1], tests.WHERE, tests.KEY, most=5)
    for number in range(40):
        await cache.put(tests.SENT, tests.good(sys.argv[2] * (1 + number % 7) * 1000))
        await cache.put(tests.asking(number % 20), tests.good(sys.argv[2]))

anyio.run(write)
"""


@pytest.mark.slow
def test_a_kill_in_the_middle_of_a_write_leaves_what_was_there(tmp_path) -> None:
    cache = FolderCache(tmp_path, WHERE, KEY)
    anyio.run(cache.put, SENT, good())
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=TESTS, check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(list(tmp_path.glob("draft-*"))) == 1
    assert anyio.run(cache.get, SENT) == good()


@pytest.mark.slow
def test_several_processes_write_at_once_and_every_read_is_whole(tmp_path, caplog) -> None:
    cache = FolderCache(tmp_path, WHERE, KEY, most=5)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITING, str(tmp_path), name], cwd=TESTS, stderr=subprocess.PIPE
        )
        for name in "ab"
    ]
    while any(each.poll() is None for each in writers):
        found = anyio.run(cache.get, SENT)
        assert found is None or set(found.kept.version.content.text) in ({"a"}, {"b"})
    assert [(each.returncode, each.communicate()[1]) for each in writers] == [(0, b"")] * 2
    assert caplog.messages == []
    assert anyio.run(cache.get, SENT) is not None
    assert len(files(tmp_path)) <= 6  # both may have seen the same five
    assert list(tmp_path.glob("draft-*")) == []


@pytest.mark.slow
def test_a_restarted_program_has_its_prompts_while_the_server_is_away(tmp_path) -> None:
    (tmp_path / "home").mkdir()
    cache = tmp_path / "cache"
    with running(tmp_path / "home", api_key=KEY) as server:
        with RemoteClient(server.url, api_key=KEY, cache=cache) as client:
            kept = client.library.save("a", "One", labels=["production"])
            client.library.get("a", label="production")
            client.library.serve("a", "ada")
        server.terminate()
        server.process.wait()
    with RemoteClient(server.url, api_key=KEY, cache=cache, attempts=1) as client:
        told = client.library.get("a", label="production")
        assert (told.version, told.stale_since is None) == (kept.version, False)
        assert client.library.serve("a", "ada").version == kept.version
        with pytest.raises(Unavailable):
            client.library.get("a")
    with (
        RemoteClient(server.url, api_key="another", cache=cache, attempts=1) as other,
        pytest.raises(Unavailable),
    ):
        other.library.get("a", label="production")
