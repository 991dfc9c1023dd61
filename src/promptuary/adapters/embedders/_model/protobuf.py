"""Just enough of the protocol-buffer wire format to write an ONNX model (onnx.proto3, IR 8)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from promptuary.adapters.embedders._model.weights import Tensor

MICROSOFT = "com.microsoft"
"""The domain of the operators that onnxruntime adds."""

_TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}
_FLOAT, _INT, _INTS = 1, 2, 7

Attribute = int | float | Sequence[int]


def node(
    kind: str, inputs: Iterable[str], output: str, domain: str, attributes: Mapping[str, Attribute]
) -> bytes:
    """A NodeProto with one output, named after it."""
    parts = [_text(1, each) for each in inputs]
    parts += [_text(2, output), _text(3, output), _text(4, kind)]
    parts += [_block(5, _attribute(name, value)) for name, value in attributes.items()]
    return b"".join([*parts, _text(7, domain)])


def array(name: str, values: NDArray[np.generic]) -> bytes:
    """A TensorProto that holds its values."""
    dims = b"".join(_number(1, each) for each in values.shape)
    kind = _number(2, _TYPES[values.dtype.name])
    return dims + kind + _text(8, name) + _block(9, np.ascontiguousarray(values).tobytes())


def outside(name: str, tensor: Tensor, path: Path) -> bytes:
    """A TensorProto of float32 whose values stay in another file."""
    dims = b"".join(_number(1, each) for each in tensor.shape)
    facts = {"location": path.name, "offset": str(tensor.offset), "length": str(tensor.length)}
    entries = [_block(13, _text(1, key) + _text(2, value)) for key, value in facts.items()]
    return b"".join([dims, _number(2, 1), _text(8, name), *entries, _number(14, 1)])


def value(name: str, dtype: str, shape: Sequence[int | str]) -> bytes:
    """A ValueInfoProto: the type of an input or output; a name stands for an open dimension."""
    dims = b"".join(
        _block(1, _text(2, each) if isinstance(each, str) else _number(1, each)) for each in shape
    )
    kind = _block(1, _number(1, _TYPES[dtype]) + _block(2, dims))
    return _text(1, name) + _block(2, kind)


def model(
    nodes: Iterable[bytes],
    tensors: Iterable[bytes],
    inputs: Iterable[bytes],
    outputs: Iterable[bytes],
) -> bytes:
    """A ModelProto of opset 17 and onnxruntime's own operators."""
    graph = b"".join(
        [
            *(_block(1, each) for each in nodes),
            _text(2, "encoder"),
            *(_block(5, each) for each in tensors),
            *(_block(11, each) for each in inputs),
            *(_block(12, each) for each in outputs),
        ]
    )
    operators = _block(8, _text(1, "") + _number(2, 17))
    operators += _block(8, _text(1, MICROSOFT) + _number(2, 1))
    return _number(1, 8) + _text(2, "promptuary") + _block(7, graph) + operators


def _attribute(name: str, value: Attribute) -> bytes:
    head = _text(1, name)
    if isinstance(value, float):
        return head + _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, _FLOAT)
    if isinstance(value, int):
        return head + _number(3, value) + _number(20, _INT)
    return head + b"".join(_number(8, each) for each in value) + _number(20, _INTS)


def _text(field: int, text: str) -> bytes:
    return _block(field, text.encode())


def _block(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)
