from dataclasses import replace
from pathlib import Path

import pytest

from embeddings.places import wanted
from promptuary.domain.errors import Misconfigured
from promptuary.embeddings.policy import Surroundings, decide, look

DESK = Surroundings(
    container=False,
    kubernetes=False,
    serverless=False,
    ci=False,
    terminal=True,
    writable=True,
    cpus=4,
    memory=0,
)


def at(root: Path, *, terminal: bool = True, **variables: str) -> Surroundings:
    return look(wanted(root, **variables), variables, root=root, terminal=terminal)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_bare_machine_is_nothing_special(tmp_path: Path) -> None:
    here = at(tmp_path)
    assert here == replace(DESK, cpus=here.cpus)


@pytest.mark.parametrize(
    ("mark", "text"),
    [(".dockerenv", ""), ("run/.containerenv", ""), ("proc/1/cgroup", "0::/kubepods/pod1")],
)
def test_a_container_shows_in_its_files(tmp_path: Path, mark: str, text: str) -> None:
    write(tmp_path / mark, text)
    assert at(tmp_path).container


@pytest.mark.parametrize(
    ("variable", "shows"),
    [
        ("KUBERNETES_SERVICE_HOST", "kubernetes"),
        ("AWS_LAMBDA_FUNCTION_NAME", "serverless"),
        ("K_SERVICE", "serverless"),
        ("CI", "ci"),
        ("GITHUB_ACTIONS", "ci"),
        ("container", "container"),
    ],
)
def test_a_variable_says_where_this_runs(tmp_path: Path, variable: str, shows: str) -> None:
    assert getattr(at(tmp_path, **{variable: "true"}), shows)


def test_a_variable_that_says_no_is_believed(tmp_path: Path) -> None:
    assert not at(tmp_path, CI="false").ci


@pytest.mark.parametrize("quota", ["150000 100000", "max 100000", "nonsense"])
def test_a_quota_of_cpus_counts_and_nonsense_does_not(tmp_path: Path, quota: str) -> None:
    free = at(tmp_path).cpus
    write(tmp_path / "sys/fs/cgroup/cpu.max", quota)
    assert at(tmp_path).cpus == (min(2, free) if quota[0] == "1" else free)


@pytest.mark.parametrize(("limit", "seen"), [("536870912", 536870912), ("max", 0)])
def test_a_limit_of_memory_makes_batches_small(tmp_path: Path, limit: str, seen: int) -> None:
    write(tmp_path / "sys/fs/cgroup/memory.max", limit)
    here = at(tmp_path)
    assert here.memory == seen
    assert decide(wanted(tmp_path), here).texts_at_once == (64 if seen else 256)


def test_a_person_at_a_terminal_is_asked(tmp_path: Path) -> None:
    assert decide(wanted(tmp_path), DESK).downloads == "ask"


@pytest.mark.parametrize("place", ["container", "serverless", "ci"])
def test_nothing_is_fetched_where_nobody_looks(tmp_path: Path, place: str) -> None:
    policy = decide(wanted(tmp_path), replace(DESK, **{place: True}))
    assert policy.downloads == "never"
    assert policy.why


@pytest.mark.parametrize("lacks", ["writable", "terminal"])
def test_nothing_is_fetched_without_a_place_or_a_person(tmp_path: Path, lacks: str) -> None:
    assert decide(wanted(tmp_path), replace(DESK, **{lacks: False})).downloads == "never"


def test_what_was_set_counts_before_what_was_seen(tmp_path: Path) -> None:
    asked = wanted(tmp_path, PROMPTUARY_MODEL_DOWNLOADS="allow")
    assert decide(asked, replace(DESK, container=True)).downloads == "allow"


def test_offline_counts_before_everything(tmp_path: Path) -> None:
    asked = wanted(tmp_path, PROMPTUARY_MODEL_DOWNLOADS="allow", HF_HUB_OFFLINE="1")
    assert decide(asked, DESK).downloads == "never"


def test_a_policy_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="never, ask or allow"):
        wanted(tmp_path, PROMPTUARY_MODEL_DOWNLOADS="sometimes")


def test_a_read_only_home_is_seen(tmp_path: Path) -> None:
    write(tmp_path / "a file", "")
    assert not at(tmp_path, PROMPTUARY_MODELS_FOLDER=str(tmp_path / "a file" / "models")).writable
