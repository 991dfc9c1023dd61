"""`python -m bench`: measure, write `bench/results/DATE-WHAT.json` and the table in RESULTS.md."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from bench import (
    answers,
    chats,
    documents,
    embeddings,
    log_quality,
    quality,
    retrieval,
    scale,
    serverless,
    speed,
    table,
)

HERE = Path(__file__).parent


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    kinds = ["speed", "quality", "logs", "embeddings", "retrieval", "answers", "documents", "chats"]
    kinds += ["serverless"]
    parser.add_argument("what", nargs="*", default=kinds)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 30_000, 100_000])
    parser.add_argument("--home", type=Path, help="measure on a copy of it instead of ingesting")
    parser.add_argument("--embedders", nargs="+", default=["static"], help="for retrieval")
    asked = parser.parse_args()
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    day = datetime.now(UTC).date().isoformat()
    if "speed" in asked.what:
        speed.main(results / f"{day}-speed.json", tuple(asked.sizes), asked.home)
    if "scale" in asked.what:
        scale.main(results / f"{day}-scale.json", tuple(asked.sizes))
    data = os.environ.get("PROMPTUARY_BENCH_DATA")
    if "quality" in asked.what and data:
        quality.main(results / f"{day}-quality.json", Path(data))
    if "logs" in asked.what and data:
        log_quality.main(results / f"{day}-logs.json", Path(data))
    if "embeddings" in asked.what:
        embeddings.main(results / f"{day}-embeddings.json", Path(data) if data else None)
    if "retrieval" in asked.what and data:
        retrieval.main(results / f"{day}-retrieval.json", Path(data), asked.embedders)
    if "answers" in asked.what and data:
        answers.main(results / f"{day}-answers.json", Path(data))
    if "chats" in asked.what:
        chats.main(results / f"{day}-chats.json")
    if "documents" in asked.what:
        documents.main(results / f"{day}-documents.json")
    if "serverless" in asked.what:
        serverless.main(results / f"{day}-serverless.json")
    table.write(HERE / "RESULTS.md", results)


if __name__ == "__main__":
    main()
