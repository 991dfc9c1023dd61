"""The manager as a person uses it, with the model that is always there."""

from __future__ import annotations

import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import numpy as np
import pytest

from promptuary import Embeddings
from promptuary.domain.errors import InvalidInput, ModelMissing, Unsupported

TEXTS = ["What is a promptuary?", "A storehouse of things ready for use.", "Rain in Cork."]


@pytest.fixture(scope="module")
def static() -> Iterator[Embeddings]:
    with Embeddings.open("static") as embeddings:
        yield embeddings


def test_a_text_gives_a_row_and_many_give_a_matrix(static: Embeddings) -> None:
    rows = static.embed(TEXTS)
    assert rows.shape == (3, static.dimensions)
    np.testing.assert_array_equal(static.embed(TEXTS[1]), rows[1])


@pytest.mark.anyio
async def test_both_faces_give_the_same(static: Embeddings) -> None:
    rows = await static.aembed(TEXTS, role="query")
    np.testing.assert_array_equal(rows, static.embed(TEXTS, role="query"))


@pytest.mark.parametrize("texts", [["a", None], [1], [b"a"], 3, None, b"abc", {"a"}, iter("ab")])
def test_what_is_no_text_is_refused(static: Embeddings, texts: object) -> None:
    with pytest.raises(InvalidInput):
        static.embed(texts)


def test_a_role_that_does_not_exist_is_refused(static: Embeddings) -> None:
    with pytest.raises(InvalidInput, match="symmetric"):
        static.embed(TEXTS, role="passage")


def test_no_texts_give_no_rows(static: Embeddings) -> None:
    assert static.embed([]).shape == (0, static.dimensions)


def test_a_model_that_was_named_is_never_replaced() -> None:
    with pytest.raises(ModelMissing):
        Embeddings.open("hf:nobody/nothing")


def test_a_text_that_is_too_long_is_counted_and_named(static: Embeddings) -> None:
    before = static.report.cut
    texts = ["short", "long " * 10_000]
    static.embed(texts)
    static.embed(texts)
    assert static.report.cut == before + 2
    assert [cut.place for cut in static.cuts(texts)] == [1]


def test_what_was_computed_is_remembered() -> None:
    embeddings = Embeddings.open("static")
    for _ in range(3):
        embeddings.embed([*TEXTS, *TEXTS])
    assert (embeddings.report.texts, embeddings.report.computed) == (9, 3)


@pytest.mark.anyio
@pytest.mark.parametrize("form", [str, lambda text: [text]])
async def test_a_remembered_text_gives_the_same_row_counted_and_nobody_elses(
    form: Callable[[str], str | list[str]],
) -> None:
    embeddings, long = Embeddings.open("static"), "long " * 10_000
    for text in (TEXTS[0], long):
        first = embeddings.embed(form(text))
        again = embeddings.embed(form(text))
        np.testing.assert_array_equal(again, first)
        again[...] = 7
        np.testing.assert_array_equal(await embeddings.aembed(form(text)), first)
    assert (embeddings.report.texts, embeddings.report.computed) == (6, 2)
    assert embeddings.report.cut == 3
    await embeddings.aforget([TEXTS[0]])
    embeddings.embed(form(TEXTS[0]))
    assert embeddings.report.computed == 3


@pytest.mark.anyio
async def test_what_is_forgotten_is_computed_again(tmp_path: Path) -> None:
    cache = f"sqlite:///{tmp_path}/vectors.db"
    async with await Embeddings.aopen("static", caches=[cache]) as embeddings:
        await embeddings.aembed(TEXTS)
        await embeddings.aforget(TEXTS[:1])
        await embeddings.aembed(TEXTS)
        assert embeddings.report.computed == 4


@pytest.mark.anyio
@pytest.mark.slow
async def test_a_cache_outlives_the_process_that_filled_it(tmp_path: Path) -> None:
    cache = f"sqlite:///{tmp_path}/vectors.db"
    computed = []
    for _ in range(2):
        async with await Embeddings.aopen("static", caches=[cache]) as embeddings:
            await embeddings.aembed(TEXTS)
            computed.append(embeddings.report.computed)
    assert computed == [3, 0]


def test_the_blocking_face_works_with_a_cache_that_needs_a_loop(tmp_path: Path) -> None:
    async def open_it() -> Embeddings:
        return await Embeddings.aopen("static", caches=[f"sqlite:///{tmp_path}/vectors.db"])

    with anyio.run(open_it) as embeddings:
        first = embeddings.embed(TEXTS)
        np.testing.assert_array_equal(embeddings.embed(TEXTS), first)
        with pytest.raises(Unsupported):
            embeddings.embedder.embed_now(TEXTS)


@pytest.mark.slow
def test_many_texts_stream_in_bounded_memory(static: Embeddings) -> None:
    rows = 0
    with Embeddings.open("static", recent_bytes=100_000) as embeddings:
        tracemalloc.start()
        for part in embeddings.stream((f"text {n}" for n in range(20_000)), at_once=100):
            rows += len(part)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert rows == 20_000
    assert peak < 4_000_000  # the rows alone would take 20 million


def test_several_threads_may_embed_at_once(static: Embeddings) -> None:
    expected = static.embed(TEXTS)
    wrong: list[int] = []

    def embed(n: int) -> None:
        for round_ in range(20):
            rows = static.embed([*TEXTS, f"{n} {round_}"])
            wrong.extend([n] if not np.array_equal(rows[:3], expected) else [])

    threads = [threading.Thread(target=embed, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


FORKED = """
import os, sys
from promptuary import Embeddings
embeddings = Embeddings.open("static")
first = embeddings.embed(["a b c"])
child = os.fork()
if child == 0:
    os._exit(0 if (embeddings.embed(["a b c", "d"])[0] == first[0]).all() else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.slow
def test_it_works_on_after_a_fork() -> None:
    done = subprocess.run([sys.executable, "-c", FORKED], timeout=60, check=False)
    assert done.returncode == 0


LEAN = """
import sys
from promptuary import Embeddings
Embeddings.open("static").embed(["quick"])
heavy = {"anyio", "pydantic", "sqlalchemy", "onnxruntime", "httpx2", "rich", "wordllama"}
heavy |= {"http.client", "importlib.metadata", "promptuary.domain.reports"}
sys.exit(len(heavy & set(sys.modules)))
"""


@pytest.mark.slow
def test_the_first_vector_loads_nothing_that_it_does_not_need() -> None:
    done = subprocess.run([sys.executable, "-c", LEAN], timeout=60, check=False)
    assert done.returncode == 0
