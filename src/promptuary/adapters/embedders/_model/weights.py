"""A safetensors file: 8 bytes of header length, a JSON header, the data. Nothing in it is run."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from promptuary.domain.errors import ModelDamaged
from promptuary.domain.vectors import Vectors

_BYTES = {"F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "U8": 1, "BOOL": 1, "F64": 8}
_HEADER = 100 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where a tensor lies in the file, in bytes from its beginning."""

    dtype: str
    shape: tuple[int, ...]
    offset: int
    length: int


class Weights:
    """The tensors of one file, mapped and not read. `names` leave out a prefix that all share.

    Raises ModelDamaged for a file that is cut short or lies about itself.
    """

    def __init__(self, path: Path) -> None:
        # A hub's snapshot is a link; an engine that maps the file wants the file itself.
        self.path = path.resolve()
        try:
            self._tensors = _read(self.path)
            self._bytes = np.memmap(self.path, dtype=np.uint8, mode="r")
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelDamaged(f"{path} is no sound safetensors file: {error}") from error

    @property
    def tensors(self) -> Mapping[str, Tensor]:
        """Every tensor by its name."""
        return self._tensors

    def array(self, name: str) -> Vectors:
        """A tensor as float32. Raises ModelDamaged when it is missing or holds no numbers."""
        tensor = self.tensor(name)
        raw = self._bytes[tensor.offset : tensor.offset + tensor.length]
        match tensor.dtype:
            case "F32":
                found = raw.view("<f4")
            case "F16":
                found = raw.view("<f2").astype(np.float32)
            case "BF16":  # the upper half of a float32
                found = (raw.view("<u2").astype(np.uint32) << 16).view(np.float32)
            case other:
                raise ModelDamaged(f"{name} in {self.path.name} is of {other}, not of floats")
        return found.reshape(tensor.shape)

    def tensor(self, name: str) -> Tensor:
        """Where it lies. Raises ModelDamaged when it is missing."""
        try:
            return self._tensors[name]
        except KeyError:
            raise ModelDamaged(f"{self.path.name} lacks the tensor {name}") from None

    def digest(self) -> str:
        """A hash of every name, shape and place, and of samples from every tensor: another model
        of the same shape differs in all of them. `models verify` hashes the whole file."""
        digest = sha256(repr(sorted(self._tensors.items())).encode())
        for _, tensor in sorted(self._tensors.items()):
            for part in (0, tensor.length // 2, max(0, tensor.length - 256)):
                start = tensor.offset + part
                digest.update(self._bytes[start : start + min(256, tensor.length)].tobytes())
        return digest.hexdigest()


def _read(path: Path) -> dict[str, Tensor]:
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(size - 8, _HEADER):
            raise ValueError("its header is longer than the file")
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    found = {name: _tensor(about, 8 + length) for name, about in header.items()}
    end = max((tensor.offset + tensor.length for tensor in found.values()), default=0)
    if end > size:
        raise ValueError(f"it is cut short: {size} bytes of {end}")
    return _without_prefix(found)


def _tensor(about: dict[str, Any], base: int) -> Tensor:
    start, end = (int(each) for each in about["data_offsets"])
    shape = tuple(int(each) for each in about["shape"])
    dtype = str(about["dtype"])
    if dtype not in _BYTES or math.prod(shape) * _BYTES[dtype] != end - start or start < 0:
        raise ValueError(f"a tensor of {dtype} {shape} does not fit {start}..{end}")
    return Tensor(dtype, shape, base + start, end - start)


def _without_prefix(found: dict[str, Tensor]) -> dict[str, Tensor]:
    for prefix in ("bert.", "roberta.", "mpnet.", "distilbert.", "model."):
        if any(name.startswith(f"{prefix}embeddings.") for name in found):
            return {name.removeprefix(prefix): tensor for name, tensor in found.items()}
    return found
