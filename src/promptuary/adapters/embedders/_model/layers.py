"""The names that each family gives to the same parts of the same network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from promptuary.adapters.embedders._model.recipe import Family, Recipe
from promptuary.adapters.embedders._model.weights import Weights
from promptuary.domain.errors import ModelDamaged
from promptuary.domain.vectors import Vectors

WORDS = "embeddings.word_embeddings.weight"
POSITIONS = "embeddings.position_embeddings.weight"
TYPES = "embeddings.token_type_embeddings.weight"
FIRST_NORM = "embeddings.LayerNorm"
RELATIVE = "encoder.relative_attention_bias.weight"


@dataclass(frozen=True, slots=True)
class Names:
    """Prefixes of the tensors of one layer; `.weight` and `.bias` follow."""

    query: str
    key: str
    value: str
    attended: str
    attended_norm: str
    wide: str
    narrow: str
    narrow_norm: str


def names(family: Family, layer: int) -> Names:
    """Those of one layer, from 0."""
    if family == "distilbert":
        at = f"transformer.layer.{layer}."
        inner = [f"{at}attention.{part}_lin" for part in ("q", "k", "v", "out")]
        rest = ["sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm"]
    elif family == "mpnet":
        at = f"encoder.layer.{layer}."
        inner = [f"{at}attention.attn.{part}" for part in ("q", "k", "v", "o")]
        rest = ["attention.LayerNorm", *_FEED_FORWARD]
    else:
        at = f"encoder.layer.{layer}."
        parts = ("self.query", "self.key", "self.value", "output.dense")
        inner = [f"{at}attention.{part}" for part in parts]
        rest = ["attention.output.LayerNorm", *_FEED_FORWARD]
    query, key, value, attended = inner
    norm, wide, narrow, last = (at + name for name in rest)
    return Names(query, key, value, attended, norm, wide, narrow, last)


_FEED_FORWARD = ("intermediate.dense", "output.dense", "output.LayerNorm")


def check(recipe: Recipe, weights: Weights) -> None:
    """Raises ModelDamaged when a tensor is missing or of another shape than the recipe says."""
    h = recipe.hidden
    rows = weights.tensor(POSITIONS).shape[0]
    if rows < recipe.first_position + recipe.max_tokens:
        raise ModelDamaged(f"{recipe.folder}: {rows} positions are too few for {recipe.max_tokens}")
    _shaped(weights, WORDS, (recipe.vocabulary, h))
    for layer in range(recipe.layers):
        part = names(recipe.family, layer)
        wide = weights.tensor(f"{part.wide}.weight").shape[0]
        for name in (part.query, part.key, part.value, part.attended):
            _shaped(weights, f"{name}.weight", (h, h))
            _shaped(weights, f"{name}.bias", (h,))
        _shaped(weights, f"{part.wide}.weight", (wide, h))
        _shaped(weights, f"{part.narrow}.weight", (h, wide))


def _shaped(weights: Weights, name: str, shape: tuple[int, ...]) -> None:
    found = weights.tensor(name).shape
    if found != shape:
        raise ModelDamaged(f"{weights.path.name}: {name} is {found} and should be {shape}")


def relative_bias(table: Vectors, length: int) -> Vectors:
    """What MPNet adds to attention by distance: shape (1, heads, length, length).

    Buckets as in T5 (Raffel et al. 2020), of both directions, with distances up to 128.
    """
    buckets, near = table.shape[0] // 2, table.shape[0] // 4
    away = np.arange(length)[None, :] - np.arange(length)[:, None]
    distance = np.abs(away)
    far = near + (
        np.log(np.maximum(distance, 1) / near) / np.log(128 / near) * (buckets - near)
    ).astype(np.int64)
    bucket = np.where(distance < near, distance, np.minimum(far, buckets - 1))
    bucket = bucket + (away > 0) * buckets
    return np.ascontiguousarray(table[bucket].transpose(2, 0, 1)[None], dtype=np.float32)
