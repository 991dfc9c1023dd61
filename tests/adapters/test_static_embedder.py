import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from promptuary.adapters.embedders.static import MAX_CHARACTERS, StaticEmbedder, connect
from promptuary.domain.errors import Misconfigured
from promptuary.testing.embedder import EmbedderContract


@pytest.fixture(scope="module")
def static() -> StaticEmbedder:
    return connect("static:")


class TestStaticEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, static: StaticEmbedder) -> StaticEmbedder:
        return static


def test_the_wheel_that_ships_the_table_is_never_imported(static: StaticEmbedder) -> None:
    assert static.space.dimensions == 256
    assert "wordllama" not in sys.modules


@pytest.mark.anyio
async def test_texts_that_mean_the_same_are_near(static: StaticEmbedder) -> None:
    rows = await static.embed(
        ["refund my order", "give me my money back for what I bought", "the weather in Paris"]
    )
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.2


@pytest.mark.anyio
async def test_only_the_beginning_of_a_very_long_text_counts(static: StaticEmbedder) -> None:
    long = "refund my order " * (MAX_CHARACTERS // 16)
    rows = await static.embed([long, long + " the weather in Paris" * 1000])
    assert rows[0] @ rows[1] == pytest.approx(1, abs=1e-6)


def test_the_fingerprint_is_stable_and_follows_the_files(tmp_path: Path) -> None:
    spec = importlib.util.find_spec("wordllama")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    (folder,) = spec.submodule_search_locations
    (table,) = Path(folder, "weights").glob("*.safetensors")
    (vocabulary,) = Path(folder, "tokenizers").glob("*.json")
    first = StaticEmbedder(table, vocabulary).space
    changed = tmp_path / table.name
    changed.write_bytes(table.read_bytes()[:-4096] + os.urandom(4096))
    assert StaticEmbedder(table, vocabulary).space == first
    assert StaticEmbedder(changed, vocabulary).space.fingerprint != first.fingerprint


def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("promptuary.adapters.embedders.static.find_spec", lambda _: None)
    with pytest.raises(Misconfigured, match="pip install 'wordllama"):
        connect("static:")


def test_anything_after_the_colon_is_refused() -> None:
    with pytest.raises(Misconfigured):
        connect("static:large")


MANY = """
from pathlib import Path
from promptuary.adapters.embedders.static import connect

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1])

static = connect("static:")
texts = [" ".join(f"w{n * w % 9973}" for w in range(1, 16)) for n in range(1, 8_000)]
static.embed_now(texts[:1_000])
before = resident()
static.embed_now(texts[1_000:])
print(resident() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells in one line")
def test_texts_that_were_embedded_are_not_kept_in_memory() -> None:
    told = subprocess.run([sys.executable, "-c", MANY], capture_output=True, check=True)
    pages = int(told.stdout)
    assert pages * 4096 < 18_000_000
