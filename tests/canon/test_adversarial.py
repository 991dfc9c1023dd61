"""Corpora made to hurt: all comes back, and the work per prompt does not grow with their number."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
import pytest
from bench.adversarial import CORPORA

from promptuary.adapters.moderators.rules import connect
from promptuary.canon.browse import placement_rows
from promptuary.canon.discovery import alignment
from promptuary.canon.discovery.alignment import Pattern, Sequel
from promptuary.canon.discovery.candidates import ALIGNED, candidates
from promptuary.canon.discovery.corpus import ENDS, lay_out
from promptuary.canon.discovery.discover import discover
from promptuary.canon.ingest import Canon, ingest
from promptuary.canon.receive import Reception
from promptuary.canon.templates import residual
from promptuary.canon.templates.filling import fill
from promptuary.domain.prompts import IncomingPrompt
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.embedder import FakeEmbedder
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
SMALL = {"long_prompts": 30, "prefixes": 40}


@pytest.mark.slow
@pytest.mark.anyio
@pytest.mark.parametrize("name", CORPORA)
async def test_whatever_is_placed_comes_back_byte_for_byte(name: str) -> None:
    texts = CORPORA[name](SMALL.get(name, 60), Random(7))
    record = MemoryUnitOfWork()
    reception = Reception(record, connect("rules:"), HandClock(BEGIN), 10**6)
    canon = Canon(reception, FakeEmbedder(), window=45, minimum=3, threshold=None, isolated=False)
    prompts = [
        IncomingPrompt(text, id=str(at), created_at=BEGIN + timedelta(seconds=at))
        for at, text in enumerate(texts)
    ]
    report = await ingest(canon, prompts, "default", None, place=True)
    assert report.placed + report.alone + report.rejected_count >= len(set(texts))
    async for row in placement_rows(record, "default"):
        if row.template is not None:
            filled = fill(row.template, row.slots)
            assert residual.apply(row.residual or "", filled) == texts[int(row.id)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["one_offs", "one_template", "code", "many_templates", "numbers"])
def test_cells_aligned_grow_with_the_prompts_and_not_with_their_square(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = {size: _cells(CORPORA[name](size, Random(3)), monkeypatch) for size in (100, 400)}
    assert counted[400] <= 8 * counted[100] + 200_000


def _cells(texts: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """Cells of all alignment tables that discovery fills."""
    cells = 0
    pack = alignment._pack

    def counting(*args: object) -> alignment._Pairs:
        nonlocal cells
        packed = pack(*args)  # type: ignore[arg-type]  # passed on as it came
        cells += int((packed.rows * packed.width).sum())
        return packed

    with monkeypatch.context() as patch:
        patch.setattr(alignment, "_pack", counting)
        discover(texts)
    return cells


def test_a_text_of_few_words_over_and_over_is_mined_at_its_ends() -> None:
    corpus = lay_out(["ha " * 5_000, "left right " * 900, " ".join(f"w{n}" for n in range(900))])
    assert corpus.lengths.tolist() == [ENDS + 1, ENDS + 1, 900]
    assert [len(set(one)) for one in corpus.sequences][:2] == [2, 3]


def test_a_long_prompt_is_aligned_with_fewer_templates() -> None:
    words = np.arange(1_500)
    pattern = Pattern(tuple(words.tolist()), (False,) * 1_501)
    long = Sequel(words, np.ones(1_500, np.float32), np.zeros(1_501, np.float32))
    short = Sequel(words[:50], np.ones(50, np.float32), np.zeros(51, np.float32))
    many, few = candidates([short, long], [pattern] * 10, vocabulary=2_000)
    assert len(many) == 10
    assert len(few) == 1 + ALIGNED // 1_500**2


@pytest.mark.slow
def test_memory_of_looking_up_does_not_grow_with_what_prompts_share() -> None:
    words = np.arange(100)
    patterns = [Pattern((*words.tolist(), 100 + n), (False,) * 102) for n in range(300)]
    one = Sequel(words, np.ones(100, np.float32), np.zeros(101, np.float32))
    tracemalloc.start()
    try:
        candidates([one] * 300, patterns, vocabulary=1_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 80e6
