"""Each rule of the house finds what it forbids: a rule that cannot fail protects nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from house import kit, migrating, rules, wording
from house.reading import Source, read

Rule = Callable[[Sequence[Source]], list[str]]

BROKEN: dict[str, tuple[Rule, dict[str, str]]] = {
    "a circle closed inside a function": (
        rules.circles,
        {"a.py": "from pkg import b", "b.py": "def f():\n    import pkg.a"},
    ),
    "a vendor in a room that may not know it": (
        lambda sources: rules.vendors(sources, {"canon": {"numpy"}}),
        {"canon/x.py": "def f():\n    import fastapi.routing"},
    ),
    "a junk drawer": (rules.junk_drawers, {"utils/x.py": ""}),
    "a junk drawer in disguise": (rules.junk_drawers, {"_helpers.py": ""}),
    "a long file": (lambda sources: rules.long_files(sources, 9), {"x.py": "\n" * 10}),
    "a long function": (
        lambda sources: rules.long_functions(sources, 3),
        {"x.py": "def f():\n    '''Said.'''\n    a = 1\n    b = 2\n    return a + b"},
    ),
    "a dataclass that changes": (
        rules.changeable_dataclasses,
        {"x.py": "@dataclass(slots=True)\nclass A: ..."},
    ),
    "a dataclass without arguments": (
        rules.changeable_dataclasses,
        {"x.py": "@dataclasses.dataclass\nclass A: ..."},
    ),
    "a print": (rules.prints, {"x.py": "def f():\n    print(1)"}),
    "a look at the environment": (rules.environment_readers, {"x.py": "os.environ['A']"}),
    "a borrowed environment": (rules.environment_readers, {"x.py": "from os import getenv"}),
    "a changed module variable": (
        rules.module_state,
        {"x.py": "def f():\n    global a\n    a = 1"},
    ),
    "silence without a code": (rules.bare_suppressions, {"x.py": "a = 1  # type: " + "ignore"}),
    "silence without a reason": (rules.bare_suppressions, {"x.py": "a = 1  # no" + "qa: E501"}),
    "a mock": (rules.mocks, {"test_x.py": "from unittest.mock import patch"}),
    **{
        f"a migration that does {deed}": (
            migrating.takes_away,
            {"001_x.py": f"def upgrade():\n    {deed}\n    op.create_table(T)"},
        )
        for deed in (
            "op.drop_table('a')",
            "op.drop_column('a', 'b')",
            "op.rename_table('a', 'b')",
            "op.alter_column('a', 'b', nullable=False)",
            "op.execute('alter table a rename b to c')",
            "op.add_column('a', sa.Column('b', sa.Text(), nullable=False))",
            "op.create_index('i', 'a', ['b'])",
            "add_index('i', 'a', ['b'])",
        )
    },
    "a public name without a docstring": (
        lambda sources: [name for name, has in rules.documented(sources) if not has],
        {"x.py": "'''Said.'''\nclass A:\n    '''Said.'''\n    def method(self): ..."},
    ),
}


def plant(folder: Path, files: dict[str, str]) -> list[Source]:
    """A package `pkg` with these files."""
    for name, text in files.items():
        path = folder / "pkg" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return read(folder / "pkg")


@pytest.mark.parametrize("what", BROKEN)
def test_each_rule_finds_what_it_forbids(what: str, tmp_path: Path) -> None:
    rule, files = BROKEN[what]
    assert len(rule(plant(tmp_path, files))) == 1


FINE = {
    "a.py": "'''Said.'''\nfrom pkg import b\nimport os.path  # noqa: F401  it has an effect",
    "b.py": "'''Said.'''\n@dataclass(frozen=True, slots=True)\nclass A:\n    '''Said.'''",
    "settings.py": "'''Said.'''\nimport os\nos.environ['A']",
    "d.py": "'''Said.'''\n@dataclass(slots=True)  # changes: a tally\nclass _A: ...",
    "c.py": "'''Said.'''\nx = f()  # type: ignore[no-any-return]  # the stubs are wrong",
}


@pytest.mark.parametrize("what", BROKEN)
def test_no_rule_complains_about_what_is_fine(what: str, tmp_path: Path) -> None:
    rule, _ = BROKEN[what]
    assert rule(plant(tmp_path, FINE)) == []


PORT = "class Cache(Protocol):\n    '''Said.'''\n    def get(self): \n        '''Said.'''"
COMPLETE = {
    "ports/cache.py": PORT,
    "testing/cache.py": "class CacheContract: ...",
    "testing/fakes/cache.py": '"""A fake."""\nclass FakeCache: ...',
    "adapters/caches/memory.py": "def connect(url): ...",
    "adapters/caches/redis/__init__.py": "async def connect(url): ...",
    "adapters/caches/_shared.py": "",
}


def test_a_complete_port_is_complete(tmp_path: Path) -> None:
    plant(tmp_path, COMPLETE)
    assert kit.missing_for_port(tmp_path / "pkg/ports/cache.py", tmp_path / "pkg") == []


@pytest.mark.parametrize(
    "left_out", [n for n in COMPLETE if "ports/" not in n and "_shared" not in n]
)
def test_a_port_that_lacks_a_part_is_found(left_out: str, tmp_path: Path) -> None:
    plant(tmp_path, {name: text for name, text in COMPLETE.items() if name != left_out})
    assert len(kit.missing_for_port(tmp_path / "pkg/ports/cache.py", tmp_path / "pkg")) == 1


@pytest.mark.parametrize("text", [PORT.replace("        '''Said.'''", "        ..."), "x = 1"])
def test_a_port_without_a_specification_is_found(text: str, tmp_path: Path) -> None:
    plant(tmp_path, COMPLETE | {"ports/cache.py": text})
    assert len(kit.missing_for_port(tmp_path / "pkg/ports/cache.py", tmp_path / "pkg")) == 1


def test_an_adapter_without_its_contract_test_is_found(tmp_path: Path) -> None:
    plant(tmp_path, COMPLETE)
    (tmp_path / "test_memory_cache.py").write_text("class TestMemory(CacheContract): ...")
    plant(tmp_path, {"adapters/caches/stray.py": ""})
    memory, redis, stray = kit.adapters(tmp_path / "pkg")
    assert kit.missing_for_adapter(memory, tmp_path) == []
    assert "no connect(url)" in kit.missing_for_adapter(stray, tmp_path)[0]
    assert len(kit.missing_for_adapter(redis, tmp_path)) == 1


@pytest.mark.parametrize(
    "line",
    ["see /" + "work/main/x", "cd /" + "home/ann", "https://pypi" + ".org/p", "index" + "-url=x"],
)
def test_a_machine_or_registry_that_is_named_is_found(line: str, tmp_path: Path) -> None:
    (tmp_path / "x.md").write_text(f"fine\n{line}\n")
    assert len(wording.places(tmp_path, [tmp_path / "x.md"])) == 1


def test_words_that_only_look_like_places_are_fine(tmp_path: Path) -> None:
    (tmp_path / "x.md").write_text("a/work/b and data/tmp/x, the index of the root: /api/v1/home\n")
    assert wording.places(tmp_path, [tmp_path / "x.md"]) == []


@pytest.mark.parametrize(
    "lock", ["numpy==2.0", "numpy>=2 \\\n    --hash=sha256:ab", "--extra-index-url https://x\n"]
)
def test_a_lock_that_does_not_lock_is_found(lock: str) -> None:
    assert len(wording.unlocked(lock)) == 1


def test_a_lock_that_lags_behind_is_found() -> None:
    lock = "numpy==2.0.1 \\\n    --hash=sha256:ab\nrich==14.0\n"
    assert wording.outdated(["numpy>=2", "rich>=15", "typer", "anyio>=4"], lock) == [
        "rich>=15",
        "anyio>=4",
    ]
