"""How `minilm_references.json` was made: `minilm` run by sentence-transformers 6.2 in float32.

Run it with the folder of the model in an environment that has the library; no test needs it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

TEXTS = (
    "What is a promptuary?",
    "Ünïcödé, שלום, 日本語 and 🗝 in one line\twith\ttabs.",
    " ".join(f"Sentence number {n} makes this text too long for the model." for n in range(60)),
)
HERE = Path(__file__).parent


def main(folder: str) -> None:
    from sentence_transformers import SentenceTransformer

    rows = SentenceTransformer(folder, device="cpu").encode(list(TEXTS))
    kept = [[round(float(x), 6) for x in row] for row in rows]
    (HERE / "minilm_references.json").write_text(json.dumps(kept) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
