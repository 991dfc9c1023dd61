"""What each index keeps of the contract, as a table that stands in the reference.

`python tests/engines/support.py` writes it. A cell is a promise that the suite verifies against the
real engine, or a gap that is declared there with its reason, and turns red when it closes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "indexes.md"
MARK = "<!-- support -->"

ABILITIES: Mapping[str, tuple[str, ...]] = {
    "every value, text and id comes back as it was": ("every_value", "any_id", "is_what_is_got"),
    "overwriting, removing, clearing": ("putting", "equal_ids", "remove_counts", "cleared"),
    "ids page by page, stable under writes": ("listed_in_order", "walking_through"),
    "filters mean what the reference says": ("filter", "every_condition"),
    "facets, exactly": ("facets",),
    "meaning: exact cosines, filtered first": ("cosine", "finds_itself", "nearer_ones", "meaning"),
    "words: the reference's scores within 1 %": ("score_as_the_reference", "rarer_words", "boost"),
    "phrases, unfinished words, typos, forms": ("phrase", "prefix", "typos", "forms"),
    "10,000 entries without loss": ("ten_thousand",),
    "8 writers at once; cancelled in the middle": ("eight_writers", "cancelled"),
    "there when opened again": ("opened_again",),
    "another space is refused": ("another_space",),
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


def table() -> str:
    """The table, as it stands in the reference."""
    gaps = {name: declared(name) for name in VERSIONS}
    head = ["| | " + " | ".join(f"`{name}:`" for name in VERSIONS) + " |"]
    rows = ["|---" * (len(VERSIONS) + 1) + "|"]
    rows += ["| tested against | " + " | ".join(VERSIONS.values()) + " |"]
    for ability, signs in ABILITIES.items():
        cells = [_cell(gaps[name], signs) for name in VERSIONS]
        rows.append(f"| {ability} | {' | '.join(cells)} |")
    return "\n".join([*head, *rows])


def declared(name: str) -> dict[str, str]:
    """The gaps that an adapter's own tests declare."""
    source = (ROOT / "tests" / "adapters" / f"test_{name}_index.py").read_text("utf-8")
    gaps: dict[str, str] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "gaps" and node.value:
            gaps |= ast.literal_eval(node.value)
    return gaps


def promises() -> set[str]:
    """The names of all tests of the contract."""
    files = ("index.py", "index_search.py")
    texts = [(ROOT / "src/promptuary/testing" / file).read_text("utf-8") for file in files]
    return {name for text in texts for name in re.findall(r"async def (test_\w+)", text)}


def written(page: str) -> str:
    """The page with the table of today."""
    before, _, rest = page.partition(MARK)
    return f"{before}{MARK}\n{table()}\n{MARK}{rest.partition(MARK)[2]}"


def _cell(gaps: Mapping[str, str], signs: tuple[str, ...]) -> str:
    found = [why for test, why in gaps.items() if any(sign in test for sign in signs)]
    return f"no: {found[0]}" if found else "yes"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
