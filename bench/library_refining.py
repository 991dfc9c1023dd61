"""Refining by rules: time, what is lost, and whether twice is once, on prompts of all lengths."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

from bench.library_duplicates import SEED, written
from bench.speed import row
from promptuary.library.refining.gate import lost
from promptuary.library.refining.refine import refine
from promptuary.library.refining.slots import with_slots


def measured(texts: list[str]) -> dict[str, float]:
    """Milliseconds at the 95th percentile; how many of a hundred keep all, and stay as they are."""
    refine(texts[0])
    took, kept, still = [], 0, 0
    for text in texts:
        began = time.process_time()
        refined = refine(text)
        took.append((time.process_time() - began) * 1e3)
        slotted = with_slots(refined.lazy_text) if refined.changed else refined.text
        kept += not lost(slotted, refined.text, inventing=False)
        still += refine(refined.text).text == refined.text
    p95 = sorted(took)[int(0.95 * len(took))]
    return {"p95": p95, "kept": 100 * kept / len(texts), "still": 100 * still / len(texts)}


def main(path: Path, data: Path | None) -> None:
    """Measure and write."""
    sets = {"short notes": written(500, random.Random(SEED))}
    if data:
        lines = (data / "rag" / "prompts_search" / "corpus.jsonl").read_text().split("\n")
        texts = [json.loads(line)["text"] for line in lines if line]
        sets["real prompts"] = [text for text in texts if text.strip()]
    rows = []
    peer = ("seven to nine model calls, at least", 60_000.0)
    for name, texts in sets.items():
        found = measured(texts)
        rows.append(row(f"refine by rules, {name}: p95", "<= 20", found["p95"], "CPU ms", *peer))
        rows.append(row(f"{name}: nothing lost", "100", found["kept"], "%", "", None))
        rows.append(
            row(f"{name}: refined twice is refined once", "100", found["still"], "%", "", None)
        )
    path.write_text(json.dumps(rows, indent=1) + "\n")
