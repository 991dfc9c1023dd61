"""Fetching a model: every way a network, a hub or a disk can fail comes to its error in time."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from embeddings import small_models
from promptuary import Embeddings
from promptuary.domain.errors import (
    BadReply,
    Busy,
    Misconfigured,
    ModelDamaged,
    ModelMissing,
    PromptuaryError,
    RateLimited,
    StorageFull,
    TimedOut,
    Unavailable,
)
from promptuary.embeddings.fetching import Patience
from promptuary.embeddings.folders import complaint
from promptuary.embeddings.preload import Pull, pull, verify
from promptuary.testing.fakes.hub import FakeHub

pytestmark = pytest.mark.slow
BRIEF = Patience(headers=0.3, stall=0.2)
"""Only for what is silent: a busy machine must not be taken for it."""
WEIGHTS = "model.safetensors"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = small_models.xlm_roberta(tmp_path_factory.mktemp("hub") / "model")
    (folder / "README.md").write_text("not wanted")
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04 a pickle, not wanted")
    return folder


@pytest.fixture
def hub(model: Path) -> Iterator[FakeHub]:
    with FakeHub(model) as fake:
        yield fake


def pulling(url: str, tmp_path: Path) -> Pull:
    return Pull("someone/small", "main", url, tmp_path / "models")


def fails(wanted: Pull) -> PromptuaryError:
    """The error it comes to; nothing that looks like a model may be left behind."""
    started = time.monotonic()
    with pytest.raises(PromptuaryError) as raised:
        pull(wanted)
    assert time.monotonic() - started < 60
    assert complaint(wanted.folder)
    return raised.value


def test_a_model_is_fetched_whole_without_what_is_not_wanted(
    hub: FakeHub, tmp_path: Path, model: Path
) -> None:
    folder = pull(pulling(hub.url, tmp_path))
    wanted = {str(path.relative_to(model)) for path in model.rglob("*") if path.is_file()}
    got = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert got - {"promptuary.json"} == wanted - {"README.md", "pytorch_model.bin"}
    assert verify(folder) == len(got) - 1


def test_what_is_here_is_not_fetched_again(hub: FakeHub, tmp_path: Path) -> None:
    pull(pulling(hub.url, tmp_path))
    asked = len(hub.asked)
    pull(pulling(hub.url, tmp_path))
    assert len(hub.asked) == asked


HUB_FAULTS: list[tuple[str, str, type[PromptuaryError]]] = [
    ("/api", "404", ModelMissing),
    ("/api", "401", Misconfigured),
    ("/api", "403", Misconfigured),
    ("/api", "429", RateLimited),
    ("/api", "500", Unavailable),
    ("/api", "503", Unavailable),
    ("/api", "hang", TimedOut),
    ("/api", "drip", TimedOut),
    ("/api", "cut", Unavailable),
    ("/api", "close", Unavailable),
    ("/api", "html", BadReply),
    ("/api", "empty", BadReply),
    ("/api", "loop", Unavailable),
    (WEIGHTS, "404", ModelMissing),
    (WEIGHTS, "401", Misconfigured),
    (WEIGHTS, "429", RateLimited),
    (WEIGHTS, "500", Unavailable),
    (WEIGHTS, "hang", TimedOut),
    (WEIGHTS, "close", Unavailable),
    (WEIGHTS, "altered", ModelDamaged),
    (WEIGHTS, "long", ModelDamaged),
    (WEIGHTS, "html", ModelDamaged),
    (WEIGHTS, "empty", ModelDamaged),
    (WEIGHTS, "loop", Unavailable),
    ("config.json", "altered", ModelDamaged),
    ("tokenizer.json", "500", Unavailable),
]


@pytest.mark.slow
@pytest.mark.parametrize(("where", "fault", "error"), HUB_FAULTS)
def test_every_fault_of_a_hub_comes_to_its_error_in_time_and_heals(
    hub: FakeHub, tmp_path: Path, where: str, fault: str, error: type[PromptuaryError]
) -> None:
    hub.faults[where] = [fault] * (6 if fault == "loop" else 1)
    wanted = pulling(hub.url, tmp_path)
    asked = replace(wanted, patience=BRIEF) if error is TimedOut else wanted
    assert type(fails(asked)) is error
    hub.faults.clear()
    assert verify(pull(wanted)) == 6


LISTINGS: dict[str, tuple[Callable[[dict[str, Any]], object], type[PromptuaryError]]] = {
    "no object": (lambda _: [], BadReply),
    "no files": (lambda told: {**told, "siblings": []}, ModelDamaged),
    "no commit": (lambda told: {"siblings": told["siblings"]}, BadReply),
    "a commit that climbs": (lambda told: {**told, "sha": "../../x"}, BadReply),
    "only a pickle": (
        lambda told: {
            **told,
            "siblings": [s for s in told["siblings"] if s["rfilename"] != WEIGHTS],
        },
        ModelDamaged,
    ),
    "no sizes": (
        lambda told: {**told, "siblings": [{"rfilename": "config.json"}]},
        BadReply,
    ),
}


@pytest.mark.parametrize("name", LISTINGS)
def test_a_listing_that_makes_no_sense_is_refused(hub: FakeHub, tmp_path: Path, name: str) -> None:
    hub.listing, error = LISTINGS[name]
    assert type(fails(pulling(hub.url, tmp_path))) is error


@pytest.mark.parametrize("name", ["../evil.json", "/evil.json", "a/b/c.json", "..\\x.json"])
def test_no_file_is_written_outside(hub: FakeHub, tmp_path: Path, name: str) -> None:
    extra = {"rfilename": name, "size": 2, "blobId": "0"}
    hub.listing = lambda told: {**told, "siblings": [*told["siblings"], extra]}
    pull(pulling(hub.url, tmp_path))
    assert not list(tmp_path.rglob("evil*"))


def silent_listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_host_that_never_answers_is_left_in_time(tmp_path: Path, scheme: str) -> None:
    with closing(silent_listener()) as listener:
        url = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
        assert type(fails(pulling(url, tmp_path))) is TimedOut


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1:1", Unavailable),
        ("http://host.invalid", Unavailable),
        ("http://[::1]:1", Unavailable),
        ("http://127.0.0.1:99999", Misconfigured),
        ("ftp://127.0.0.1", Misconfigured),
        ("not an address", Misconfigured),
        ("http://", Misconfigured),
    ],
)
def test_no_way_to_the_hub_is_said_at_once(
    tmp_path: Path, url: str, error: type[PromptuaryError]
) -> None:
    assert type(fails(pulling(url, tmp_path))) is error


def test_a_hub_without_tls_behind_https_is_unavailable(hub: FakeHub, tmp_path: Path) -> None:
    found = fails(pulling(hub.url.replace("http:", "https:"), tmp_path))
    assert isinstance(found, Unavailable)


def test_a_download_that_breaks_off_goes_on_where_it_was(hub: FakeHub, tmp_path: Path) -> None:
    hub.faults[WEIGHTS] = ["cut", "cut", "cut"]
    assert verify(pull(pulling(hub.url, tmp_path))) == 6
    ranges = [begun for path, begun in hub.asked if path.endswith(WEIGHTS)]
    assert ranges[0] == ""
    assert len(set(ranges)) == len(ranges) == 4


def test_a_hub_that_ignores_ranges_is_read_from_the_beginning(hub: FakeHub, tmp_path: Path) -> None:
    hub.faults[WEIGHTS] = ["cut", "whole"]
    assert verify(pull(pulling(hub.url, tmp_path))) == 6


def test_a_crawl_is_given_up_and_gone_on_from(hub: FakeHub, tmp_path: Path) -> None:
    hub.faults[WEIGHTS] = ["drip"]
    wanted = replace(pulling(hub.url, tmp_path), patience=Patience(stall=0.5))
    assert verify(pull(wanted)) == 6


def test_a_full_disk_is_noticed_before_anything_is_fetched(hub: FakeHub, tmp_path: Path) -> None:
    wanted = replace(pulling(hub.url, tmp_path), free=lambda _: 1_000)
    assert type(fails(wanted)) is StorageFull
    assert len(hub.asked) == 1


def test_a_place_that_cannot_be_written_is_named(hub: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file stands where the folder should")
    found = fails(pulling(hub.url, tmp_path))
    assert type(found) is Misconfigured
    assert "PROMPTUARY_MODELS_FOLDER" in str(found)


def test_two_at_once_fetch_once(hub: FakeHub, tmp_path: Path) -> None:
    wanted = pulling(hub.url, tmp_path)
    threads = [threading.Thread(target=pull, args=(wanted,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([path for path, _ in hub.asked if path.endswith(WEIGHTS)]) == 1


@pytest.mark.slow
def test_nobody_waits_for_ever_for_another_process(hub: FakeHub, tmp_path: Path) -> None:
    hub.faults["/api"] = ["hang"]
    wanted = replace(pulling(hub.url, tmp_path), patience=Patience(headers=3), lock_seconds=0.1)
    other = threading.Thread(target=fails, args=(wanted,))
    other.start()
    while not hub.asked:
        time.sleep(0.01)
    assert type(fails(wanted)) is Busy
    other.join()


KILLED = """
import sys
from pathlib import Path
from promptuary.embeddings.preload import Pull, pull
pull(Pull("someone/small", "main", sys.argv[1], Path(sys.argv[2])))
"""


def test_a_process_that_is_killed_in_the_middle_leaves_no_half_model(
    hub: FakeHub, tmp_path: Path
) -> None:
    hub.faults[WEIGHTS] = ["drip"]
    wanted = pulling(hub.url, tmp_path)
    command = [sys.executable, "-c", KILLED, hub.url, str(tmp_path / "models")]
    with subprocess.Popen(command) as process:
        while process.poll() is None and not list(tmp_path.rglob(f"{WEIGHTS}.part")):
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert complaint(wanted.folder)
    assert verify(pull(wanted)) == 6


def test_what_was_changed_afterwards_is_found(hub: FakeHub, tmp_path: Path) -> None:
    folder = pull(pulling(hub.url, tmp_path))
    (folder / "config.json").write_text("{}")
    with pytest.raises(ModelDamaged, match=r"config\.json is not what was fetched"):
        verify(folder)


def test_a_folder_that_nobody_fetched_cannot_be_verified(model: Path) -> None:
    with pytest.raises(ModelDamaged, match="was not fetched"):
        verify(model)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment of the test's own."""
    for name in ("PROMPTUARY_EMBEDDER", "HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PROMPTUARY_MODELS_FOLDER", str(tmp_path / "models"))
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.usefixtures("here")
def test_a_missing_model_is_fetched_where_that_is_allowed(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.setenv("PROMPTUARY_MODEL_DOWNLOADS", "allow")
    with Embeddings.open("hf:someone/small") as embeddings:
        assert embeddings.embed("red").shape == (32,)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("network", ["works", "never answers", "refuses", "has no names"])
@pytest.mark.parametrize("policy", ["never", "ask"])
def test_where_it_is_not_allowed_the_network_is_not_even_tried(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch, network: str, policy: str
) -> None:
    with closing(silent_listener()) as listener:
        silent = f"http://127.0.0.1:{listener.getsockname()[1]}"
        addresses = {
            "works": hub.url,
            "never answers": silent,
            "refuses": "http://127.0.0.1:1",
            "has no names": "http://host.invalid",
        }
        monkeypatch.setenv("HF_ENDPOINT", addresses[network])
        monkeypatch.setenv("PROMPTUARY_MODEL_DOWNLOADS", policy)
        started = time.monotonic()
        with pytest.raises(ModelMissing, match="promptuary models pull"):
            Embeddings.open("hf:someone/small")
    assert time.monotonic() - started < 60
    assert hub.asked == []


def test_the_ledger_says_what_was_fetched(hub: FakeHub, tmp_path: Path) -> None:
    told = json.loads((pull(pulling(hub.url, tmp_path)) / "promptuary.json").read_text())
    assert told["commit"] == "c0ffee"
    assert {file["name"] for file in told["files"]} >= {"config.json", WEIGHTS}
