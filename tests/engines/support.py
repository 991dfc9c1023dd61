"""What each index keeps of the contract, as a table that stands in the reference.

`python tests/engines/support.py` writes it. A cell says yes where every test of that promise is run
against the engine, by a class that nobody can change; no where a gap is declared, which must then
fail in the declared way and turns red when it closes; and why where the test is not run at all.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "indexes.md"
MARK = "<!-- support -->"

CONTRACTS: Mapping[str, str] = {
    "IndexContract": "index.py",
    "IndexSearchContract": "index_search.py",
    "IndexServerContract": "index_server.py",
    "IndexFaultContract": "index_faults.py",
}
"""The contracts of an index, and the files of `promptuary.testing` that they stand in."""

ABILITIES: Mapping[str, tuple[str, ...]] = {
    "every value, text and id comes back as it was": ("every_value", "any_id", "is_what_is_got"),
    "overwriting, removing, clearing": ("putting", "equal_ids", "remove_counts", "cleared"),
    "ids page by page, stable under writes": ("listed_in_order", "walking_through"),
    "filters mean what the reference says": ("a_filter_means", "every_condition"),
    "facets, exactly": ("facets",),
    "meaning: exact cosines, filtered first": ("cosine", "finds_itself", "nearer_ones", "meaning"),
    "words: the reference's scores within 1 %": ("score_as_the_reference", "rarer_words", "boost"),
    "phrases, unfinished words, typos, forms": ("phrase", "prefix", "typos", "forms"),
    "NaN and vectors of another length are refused": ("another_length", "cannot_be_kept", "nan_is"),
    "10,000 entries without loss": ("ten_thousand_entries",),
    "8 writers at once; cancelled in the middle": ("eight_writers", "cancelled"),
    "there when opened again": ("opened_again",),
    "another space is refused": ("another_space",),
    "shared by several processes": ("one_client_writes", "two_clients"),
    "1 MB texts, ids of 500 bytes, 10,000 values": ("megabyte", "five_hundred", "thousand_values"),
    "unknown keys, unwanted TLS, old versions": ("unknown_key", "tls_with", "or_version"),
    "an index that is gone, or was never ours": ("that_is_gone", "somebody_else"),
    "killed in the middle of a bulk": ("middle_of_a_bulk",),
    "away between two pages, and back": ("is_away",),
    "too slow": ("in_time",),
    "read-only": ("read_only",),
    "full": ("without_room",),
    "its own backup brings all back": ("backed_up",),
}
"""What is promised, and what the names of its tests hold."""

VERSIONS: Mapping[str, str] = {
    "chroma": "1.5.9, in a folder and a server",
    "edge": "in process",
    "elasticsearch": "9.4.3",
    "memory": "in process",
    "opensearch": "3.6.0",
    "pgvector": "15 and 18",
    "qdrant": "the client's local mode; no registry carries the server",
    "weaviate": "1.39.3",
}
"""Which engine the suite runs against."""

UNTRIED: Mapping[str, str] = {
    "edge": "in process",
    "memory": "in process",
    "qdrant": "untried: wants a server of our own",
}
"""Why what only a server promises is not asked of these."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Which tests are run against an engine, and the gaps that it declares."""

    tests: frozenset[str] = frozenset()
    gaps: Mapping[str, str] = field(default_factory=dict)


def table() -> str:
    """The table, as it stands in the reference."""
    known = {name: kept(name) for name in VERSIONS}
    head = ["| | " + " | ".join(f"`{name}:`" for name in VERSIONS) + " |"]
    rows = ["|---" * (len(VERSIONS) + 1) + "|"]
    rows += ["| tested against | " + " | ".join(VERSIONS.values()) + " |"]
    for ability in ABILITIES:
        cells = [_cell(known[name], name, ability) for name in VERSIONS]
        rows.append(f"| {ability} | {' | '.join(cells)} |")
    return "\n".join([*head, *rows])


def kept(name: str) -> Kept:
    """What an engine's own tests run and declare."""
    tests: set[str] = set()
    gaps: dict[str, str] = {}
    for found in _classes(name):
        run = {ast.unparse(base) for base in found.bases} & CONTRACTS.keys()
        tests |= {test for contract in run for test in promises()[contract]}
        for node in found.body:
            if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "gaps":
                assert isinstance(node.value, ast.Dict)
                gaps |= dict(map(_gap, zip(node.value.keys, node.value.values, strict=True)))
    return Kept(frozenset(tests), gaps)


@cache
def promises() -> Mapping[str, tuple[str, ...]]:
    """The tests of each contract."""
    found = {}
    for contract, file in CONTRACTS.items():
        (named,) = (
            node
            for node in _parsed(ROOT / "src" / "promptuary" / "testing" / file)
            if isinstance(node, ast.ClassDef) and node.name == contract
        )
        functions = [node for node in named.body if isinstance(node, ast.AsyncFunctionDef)]
        found[contract] = tuple(one.name for one in functions if one.name.startswith("test_"))
    return found


def tests_of(ability: str) -> frozenset[str]:
    """The tests that an ability's signs name, in every contract."""
    every = {test for tests in promises().values() for test in tests}
    return frozenset(test for test in every if any(sign in test for sign in ABILITIES[ability]))


def written(page: str) -> str:
    """The page with the table of today."""
    before, _, rest = page.partition(MARK)
    return f"{before}{MARK}\n{table()}\n{MARK}{rest.partition(MARK)[2]}"


def _cell(known: Kept, name: str, ability: str) -> str:
    wanted = tests_of(ability)
    if missing := wanted - known.tests:
        return UNTRIED[name] if missing == wanted else f"in part: {', '.join(sorted(missing))}"
    gaps = [why for test, why in known.gaps.items() if test in wanted]
    return f"no: {gaps[0]}" if gaps else "yes"


def _classes(name: str) -> Iterator[ast.ClassDef]:
    """The classes that run contracts against it: in a file of its own, and among the faults."""
    tests = ROOT / "tests"
    own = _parsed(tests / "adapters" / f"test_{name}_index.py")
    yield from (node for node in own if isinstance(node, ast.ClassDef))
    for node in _parsed(tests / "faults" / "test_index_engines.py"):
        if isinstance(node, ast.ClassDef) and node.name.lower() == f"test{name}":
            yield node


def _gap(declared: tuple[ast.expr | None, ast.expr]) -> tuple[str, str]:
    """The test and the reason, of `"test": Gap("reason", raises=...)`."""
    test, gap = declared
    assert isinstance(gap, ast.Call), "a gap of an index says how it fails"
    return ast.literal_eval(test or gap), ast.literal_eval(gap.args[0])


@cache
def _parsed(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_text("utf-8")).body


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
