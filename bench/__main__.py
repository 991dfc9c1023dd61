"""`python -m bench`: measure, write `bench/results/DATE-WHAT.json` and the table in RESULTS.md."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench import (
    answers,
    chats,
    conversation_load,
    conversations,
    documents,
    drill,
    embeddings,
    engines,
    evaluations,
    evolution,
    exchange,
    foreign_reads,
    insights,
    knowledge_peers,
    library,
    library_borrowing,
    library_duplicates,
    library_finding,
    library_refining,
    log_quality,
    moderation,
    moving,
    naming,
    quality,
    retrieval,
    scale,
    serverless,
    speed,
    stores,
    table,
    tables,
    waking,
)

HERE = Path(__file__).parent

Driver = Callable[[Path, argparse.Namespace], None]
ALWAYS: Mapping[str, Driver] = {
    "speed": lambda output, asked: speed.main(output, tuple(asked.sizes), asked.home),
    "embeddings": lambda output, asked: embeddings.main(output, asked.data),
    "insights": lambda output, asked: insights.main(output, asked.data),
    "documents": lambda output, _: documents.main(output),
    "chats": lambda output, _: chats.main(output),
    "library": lambda output, asked: library.main(output, tuple(asked.prompts)),
    "exchange": lambda output, _: exchange.main(output),
    "serverless": lambda output, _: serverless.main(output),
    "tables": lambda output, _: tables.main(output),
    "moderation": lambda output, _: moderation.main(output),
    "naming": lambda output, _: naming.main(output),
}
"""What needs no data; `embeddings` and `insights` measure more where there is some."""
WITH_DATA: Mapping[str, Driver] = {
    "quality": lambda output, asked: quality.main(output, asked.data),
    "evolution": lambda output, asked: evolution.main(output, asked.data),
    "logs": lambda output, asked: log_quality.main(output, asked.data),
    "retrieval": lambda output, asked: retrieval.main(output, asked.data, asked.embedders),
    "answers": lambda output, asked: answers.main(output, asked.data),
    "conversations": lambda output, asked: conversations.main(output, asked.data),
}
ASKED_FOR: Mapping[str, Driver] = {
    "knowledge-peers": lambda output, asked: knowledge_peers.main(
        output, asked.data, tuple(asked.passages)
    ),
    "evaluations": lambda output, asked: evaluations.main(output, asked.data),
    "library-finding": lambda output, asked: library_finding.main(
        output, asked.data, tuple(asked.prompts)
    ),
    "library-borrowing": lambda output, asked: library_borrowing.main(output, asked.data),
    "library-refining": lambda output, asked: library_refining.main(output, asked.data),
    "library-duplicates": lambda output, asked: library_duplicates.main(output, asked.data),
    "permissions": lambda output, _: foreign_reads.main(output),
    "conversation-load": lambda output, asked: conversation_load.main(output, tuple(asked.events)),
    "moving": lambda output, asked: moving.main(output, asked.stores, asked.sizes[0]),
    "drill": lambda output, asked: drill.main(
        output, next(iter(asked.start or ()), "elasticsearch"), asked.prompts[0]
    ),
    "stores": lambda output, asked: stores.main(
        output, asked.stores, asked.sizes[0], asked.start or ()
    ),
    "waking": lambda output, _: waking.main(output),
    "scale": lambda output, asked: scale.main(output, tuple(asked.sizes)),
}
"""What takes long, or packages of others: only where it is named."""


def main() -> None:
    """Measure what was asked for; without the development data, what needs none."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", nargs="*", default=[*ALWAYS, *WITH_DATA])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 30_000, 100_000])
    parser.add_argument("--prompts", type=int, nargs="+", default=[1_000, 100_000], help="kept")
    parser.add_argument("--home", type=Path, help="measure on a copy of it instead of ingesting")
    parser.add_argument("--passages", type=int, nargs="+", default=[100_000], help="in the index")
    parser.add_argument("--events", type=int, nargs="+", default=[20_000, 1_000_000])
    parser.add_argument("--embedders", nargs="+", default=["static"], help="for retrieval")
    parser.add_argument("--stores", nargs="*", default=[], metavar="URL", help="for stores, moving")
    parser.add_argument(
        "--start",
        nargs="*",
        choices=engines.NAMES,
        help="engines for stores, one for drill; without names all",
    )
    asked = parser.parse_args()
    if asked.start is not None:
        asked.start = asked.start or engines.NAMES
    named = os.environ.get("PROMPTUARY_BENCH_DATA")
    asked.data = Path(named) if named else None
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    day = datetime.now(UTC).date().isoformat()
    drivers = {**ALWAYS, **(WITH_DATA if named else {}), **ASKED_FOR}
    try:
        for what in asked.what:
            if what in drivers:
                drivers[what](results / f"{day}-{what}.json", asked)
    finally:
        table.write(HERE / "RESULTS.md", results)


if __name__ == "__main__":
    main()
