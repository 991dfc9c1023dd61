"""One engine on one core: how fast, how large, which vectors. Run by `bench.embeddings`, also with
another Python that has the peers; so nothing of this project is imported before it is asked for.

    python embeddings_worker.py ENGINE TEXTS.json OUT.npz     (prints one JSON object)
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.update(OMP_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false", HF_HUB_OFFLINE="1")


def main() -> None:
    engine, source, target = sys.argv[1:]
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    texts = json.loads(Path(source).read_text())
    began = time.perf_counter()
    encode = ENGINES[engine](texts["model"])
    encode(["The first vector."])
    first = time.perf_counter() - began
    found = {"first_wall": first, "first_cpu": time.process_time()}
    rows = {}
    for kind in ("prompts", "paragraphs"):
        seconds = []
        for _ in range(2):
            start = time.process_time()
            rows[kind] = encode(texts[kind])
            seconds.append(time.process_time() - start)
        found[kind] = len(texts[kind]) / min(seconds)
    found["rss"] = resident()
    import numpy as np

    np.savez(target, **rows)
    sys.stdout.write(json.dumps(found) + "\n")


def resident() -> float:
    """MiB of memory now."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


Encode = Callable[[Sequence[str]], object]


def ours(spec: str) -> Callable[[str], Encode]:
    def open_(model: str) -> Encode:
        from promptuary import Embeddings

        embeddings = Embeddings.open(spec.format(model=model), recent_bytes=0)
        return embeddings.embed

    return open_


def sentence_transformers(model: str) -> Encode:
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    opened = SentenceTransformer(model, device="cpu")
    return lambda texts: opened.encode(list(texts), show_progress_bar=False)


def wordllama(_: str) -> Encode:
    import wordllama as package

    folder = Path(package.__file__).parent
    opened = package.WordLlama.load(cache_dir=folder, disable_download=True)
    return lambda texts: opened.embed(list(texts), norm=True)


ENGINES: dict[str, Callable[[str], Encode]] = {
    "static": ours("static"),
    "fp32": ours("onnx:{model}?threads=1"),
    "q8": ours("onnx:{model}?threads=1&kernel=q8"),
    "int8": ours("onnx:{model}?threads=1&kernel=int8"),
    "sentence-transformers": sentence_transformers,
    "wordllama": wordllama,
}


if __name__ == "__main__":
    main()
