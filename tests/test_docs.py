"""The docs cannot lag behind the code: their code blocks run, and what exists is in them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs import coverage, pages, running, warm

ROOT = Path(__file__).parents[1]
PAGES = pages.read(ROOT)
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
KNOWN = {"", "console", "json", "mermaid", "python", "sh", "text", "toml", "yaml"}


def name(page: pages.Page) -> str:
    """Its path in the repository."""
    return str(page.path.relative_to(ROOT))


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the command is that need not start."""
    with warm.shim(tmp_path_factory.mktemp("bin")) as folder:
        yield folder


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if page.blocks], ids=name)
def test_every_code_block_runs(
    page: pages.Page, commands: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    first = page.path == ROOT / "README.md"  # what everybody reads is tried as it is installed
    running.run_all(page.blocks, tmp_path, running.INSTALLED if first else commands)


@pytest.mark.slow
def test_the_adapter_that_the_docs_write_keeps_its_contract(tmp_path: Path) -> None:
    page = pages.Page(DOCS / "how-to" / "write-an-adapter.md")
    written = tmp_path / "test_short_moderator.py"
    written.write_text("\n".join(b.code for b in page.blocks if b.language == "python"))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(written)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: pages.Page) -> None:
    assert page.broken_links() == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_one_sentence_stands_on_a_line(page: pages.Page) -> None:
    assert page.crowded_lines() == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_code_blocks_are_of_a_language_that_is_checked(page: pages.Page) -> None:
    assert {block.language for block in page.blocks} <= KNOWN


@pytest.mark.parametrize("folder", [DOCS, ROOT / "decisions"], ids=lambda path: path.name)
def test_every_page_is_in_its_index(folder: Path) -> None:
    index = (folder / "README.md").read_text()
    found = [path.relative_to(folder) for path in folder.rglob("*.md")]
    assert [str(path) for path in found if f"({path})" not in f"{index}(README.md)"] == []


PARTS = {
    "cli.md": coverage.verbs_and_options,
    "http.md": coverage.routes,
    "settings.md": coverage.settings,
    "errors.md": coverage.codes,
    "adapters.md": coverage.adapters,
    "ports.md": coverage.ports,
    "python.md": coverage.methods,
}


@pytest.mark.parametrize("page", PARTS)
def test_everything_there_is_stands_in_the_reference(page: str) -> None:
    there_is = PARTS[page]()
    assert there_is
    assert coverage.undocumented(there_is, pages.Page(REFERENCE / page).code) == []


def test_every_room_has_its_place_in_the_architecture() -> None:
    floors = pages.Page(ROOT / "ARCHITECTURE.md").blocks[0].code
    assert coverage.undocumented(coverage.rooms(), floors) == []


def test_what_is_left_out_of_a_page_is_found() -> None:
    shown = pages.Page(REFERENCE / "adapters.md").code.replace("rules:", "")
    assert coverage.undocumented(coverage.adapters(), shown) == ["rules:"]


def test_broken_links_and_crowded_lines_are_found(tmp_path: Path) -> None:
    page = pages.Page(tmp_path / "page.md")
    page.path.write_text("# One\n[x](#one) [y](#two) [z](gone.md)\nIt is. And `a. B` is.\n")
    assert [broken.rpartition(" ")[2] for broken in page.broken_links()] == ["#two", "gone.md"]
    assert len(page.crowded_lines()) == 1


FAILING = [
    "```python\n1 / 0\n```",
    "```sh\nfalse\n```",
    "```console\n$ false\n```",
    "```json\n{\n```",
    "```sh\necho a\n```\n<!-- what it prints -->\n```text\nb\n```",
]


@pytest.mark.parametrize("text", FAILING)
def test_a_block_that_fails_is_found(text: str, tmp_path: Path) -> None:
    page = pages.Page(tmp_path / "page.md")
    page.path.write_text(text)
    with pytest.raises((ZeroDivisionError, AssertionError, ValueError)):
        running.run_all(page.blocks, tmp_path)
