"""How good the vectors are on labelled questions: so that nobody picks the fast model blindly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from bench.speed import Row, row
from promptuary import Embeddings

MOST = 1_200


def quality(file: Path) -> list[Row]:
    """Probe, clustering and retrieval of each model, with minilm in float32 as the peer."""
    read = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    chosen = np.random.default_rng(5).permutation(len(read))[:MOST]
    texts = [read[n]["text"] for n in chosen]
    labels = np.unique([str(label_of(read[n])) for n in chosen], return_inverse=True)[1]
    found = {}
    for spec in ("minilm", "minilm?kernel=q8", "minilm?kernel=int8", "static"):
        with Embeddings.open(spec) as embeddings:
            found[spec] = measures(embeddings.embed(texts), labels)
    return [
        row(f"{spec}: {what}", "", value, "", *_peer(spec, what, found))
        for spec, values in found.items()
        for what, value in values.items()
    ]


def label_of(one: dict[str, Any]) -> object:
    """The intent of a question, whatever the file calls it."""
    return next(one[name] for name in ("intent", "label", "category", "template_id") if name in one)


def measures(rows: Any, labels: Any) -> dict[str, float]:
    """Accuracy of a linear probe on the other half, agreement of k-means with the labels (NMI), and
    the share of questions with one of their own among the ten nearest."""
    from sklearn.cluster import KMeans
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import normalized_mutual_info_score

    half = len(rows) // 2
    probe = LogisticRegression(C=10, max_iter=300).fit(rows[:half], labels[:half])
    groups = KMeans(len(set(labels)), n_init=1, random_state=0).fit_predict(rows)
    near = rows @ rows.T
    np.fill_diagonal(near, -2)
    ten = np.argpartition(-near, 10, axis=1)[:, :10]
    return {
        "probe accuracy": float(probe.score(rows[half:], labels[half:])),
        "clustering NMI": float(normalized_mutual_info_score(labels, groups)),
        "recall at 10": float((labels[ten] == labels[:, None]).any(axis=1).mean()),
    }


def _peer(spec: str, what: str, found: dict[str, dict[str, float]]) -> tuple[str, float | None]:
    return ("", None) if spec == "minilm" else ("minilm", found["minilm"][what])
