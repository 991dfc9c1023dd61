"""The network as an ONNX model, written from the weights: no torch and no converter.

`fp32` leaves the weights where they are and points into their file. `q8` stores them in 8 bits by
blocks and computes in float32, so a text's row does not depend on its batch. `int8` quantises a
whole batch by one scale: quicker, and not invariant.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from promptuary.adapters.embedders._model import layers, protobuf
from promptuary.adapters.embedders._model.protobuf import MICROSOFT, Attribute
from promptuary.adapters.embedders._model.recipe import Recipe
from promptuary.adapters.embedders._model.weights import Weights
from promptuary.domain.vectors import Vectors

KERNELS = ("fp32", "q8", "int8")
INVARIANT = frozenset({"fp32", "q8"})

_BLOCK = 128


def graph(recipe: Recipe, weights: Weights, kernel: str) -> bytes:
    """An ONNX model from the words' rows, positions, lengths and pooling weights (and for MPNet the
    distances) to pooled rows of shape (texts, rows, hidden), as many of a text as there are rows of
    weights. Words are looked up outside: their table is half of a small model, and only the rows
    that are needed are read then."""
    return _Writer(recipe, weights, kernel).model()


class _Writer:
    """Collects nodes and tensors; each method adds one part and gives its output's name."""

    def __init__(self, recipe: Recipe, weights: Weights, kernel: str) -> None:
        self._recipe = recipe
        self._weights = weights
        self._nodes: list[bytes] = []
        self._tensors: dict[str, bytes] = {}
        products: dict[str, Callable[[str, str, str], str]] = {
            "fp32": self._exact,
            "int8": self._dynamic,
            "q8": self._blocked,
        }
        self._product = products[kernel]

    def model(self) -> bytes:
        x = self._embedded()
        for layer in range(self._recipe.layers):
            x = self._layer(x, layer)
        self._add("MatMul", ["pool", x], "pooled")
        hidden = self._recipe.hidden
        inputs = [
            protobuf.value("words", "float32", ["texts", "longest", hidden]),
            protobuf.value("positions", "int64", ["longest"]),
            protobuf.value("lengths", "int32", ["texts"]),
            protobuf.value("pool", "float32", ["texts", "rows", "longest"]),
        ]
        if self._recipe.family == "mpnet":
            shape = (1, self._recipe.heads, "longest", "longest")
            inputs.append(protobuf.value("distances", "float32", shape))
        outputs = [protobuf.value("pooled", "float32", ["texts", "rows", hidden])]
        return protobuf.model(self._nodes, self._tensors.values(), inputs, outputs)

    def _embedded(self) -> str:
        where = self._add("Gather", [self._tensor(layers.POSITIONS), "positions"], "where")
        x = self._add("Add", ["words", where], "placed")
        if layers.TYPES in self._weights.tensors:
            first = self._constant("type", self._weights.array(layers.TYPES)[0])
            x = self._add("Add", [x, first], "typed")
        scale, shift = self._norm(layers.FIRST_NORM)
        inputs = [x, scale, shift]
        return self._add("LayerNormalization", inputs, "embedded", epsilon=self._recipe.epsilon)

    def _layer(self, x: str, layer: int) -> str:
        part = layers.names(self._recipe.family, layer)
        query, key, value = (self._linear(x, each) for each in (part.query, part.key, part.value))
        inputs = [query, key, value, "", "lengths"]
        inputs += ["distances"] if self._recipe.family == "mpnet" else []
        heads = self._recipe.heads
        attended = self._add(
            "MultiHeadAttention", inputs, f"attended{layer}", MICROSOFT, num_heads=heads
        )
        x = self._rest(self._linear(attended, part.attended), x, part.attended_norm)
        wide = self._product(x, part.wide, f"{part.wide}.product")
        bias = self._tensor(f"{part.wide}.bias")
        wide = self._add("BiasGelu", [wide, bias], f"{part.wide}.gelu", MICROSOFT)
        return self._rest(self._linear(wide, part.narrow), x, part.narrow_norm)

    def _rest(self, x: str, before: str, norm: str) -> str:
        """A residual connection and its normalisation."""
        scale, shift = self._norm(norm)
        return self._add(
            "SkipLayerNormalization",
            [x, before, scale, shift],
            f"{norm}.out",
            MICROSOFT,
            epsilon=self._recipe.epsilon,
        )

    def _linear(self, x: str, name: str) -> str:
        product = self._product(x, name, f"{name}.product")
        return self._add("Add", [product, self._tensor(f"{name}.bias")], f"{name}.out")

    def _exact(self, x: str, name: str, output: str) -> str:
        # Not a Transpose before it: the weights would be turned, and copied, at every start.
        weight = self._tensor(f"{name}.weight")
        return self._add("FusedMatMul", [x, weight], output, MICROSOFT, transB=1)

    def _dynamic(self, x: str, name: str, output: str) -> str:
        whole = self._weights.array(f"{name}.weight")
        scale = np.abs(whole).max(axis=1) / 127
        scale[scale == 0] = 1
        numbers = np.rint(whole / scale[:, None]).astype(np.int8).T
        inputs = [
            x,
            self._constant(f"{name}.numbers", numbers),
            self._constant(f"{name}.scale", scale.astype(np.float32)),
            self._constant(f"{name}.zero", np.zeros(len(scale), dtype=np.int8)),
        ]
        return self._add("DynamicQuantizeMatMul", inputs, output, MICROSOFT)

    def _blocked(self, x: str, name: str, output: str) -> str:
        whole = self._weights.array(f"{name}.weight")
        numbers, scale = quantised(whole)
        inputs = [
            x,
            self._constant(f"{name}.numbers", numbers),
            self._constant(f"{name}.scale", scale),
        ]
        size, width = whole.shape
        # Level 1 is float32. At level 4 a row depends on its batch (cosine .9995).
        options = {"K": width, "N": size, "bits": 8, "block_size": _BLOCK, "accuracy_level": 1}
        return self._add("MatMulNBits", inputs, output, MICROSOFT, **options)

    def _norm(self, name: str) -> tuple[str, str]:
        return self._tensor(f"{name}.weight"), self._tensor(f"{name}.bias")

    def _tensor(self, name: str) -> str:
        """A tensor of the file: pointed at where it is float32, else converted."""
        tensor = self._weights.tensor(name)
        if tensor.dtype != "F32":
            return self._constant(name, self._weights.array(name))
        self._tensors[name] = protobuf.outside(name, tensor, self._weights.path)
        return name

    def _constant(self, name: str, values: NDArray[np.generic]) -> str:
        self._tensors[name] = protobuf.array(name, values)
        return name

    def _add(
        self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: Attribute
    ) -> str:
        self._nodes.append(protobuf.node(kind, inputs, output, domain, attributes))
        return output


def quantised(whole: Vectors) -> tuple[NDArray[np.uint8], Vectors]:
    """A matrix (out, in) in blocks along its rows, each with a scale: what MatMulNBits reads."""
    rows, width = whole.shape
    blocks = -(-width // _BLOCK)
    padded = np.zeros((rows, blocks * _BLOCK), dtype=np.float32)
    padded[:, :width] = whole
    split = padded.reshape(rows, blocks, _BLOCK)
    scale = np.abs(split).max(axis=2) / 127
    scale[scale == 0] = 1
    numbers = np.clip(np.rint(split / scale[..., None]) + 128, 0, 255).astype(np.uint8)
    return numbers, scale.astype(np.float32).reshape(-1)
