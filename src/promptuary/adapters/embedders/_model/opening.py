"""What a URL of a local model says: `onnx:/path/to/folder?kernel=q8&threads=2`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

from promptuary.adapters.embedders._model import layers
from promptuary.adapters.embedders._model.recipe import Recipe, read_recipe
from promptuary.adapters.embedders._model.weights import Weights
from promptuary.domain.errors import Misconfigured, ModelDamaged


@dataclass(frozen=True, slots=True)
class Opened:
    """A model folder, checked, and how it is to be run."""

    recipe: Recipe
    weights: Weights
    kernel: str
    threads: int


def open_folder(url: str, kernels: tuple[str, ...]) -> Opened:
    """Raises Misconfigured for options that cannot be, ModelDamaged for a folder that is no whole
    model."""
    scheme, _, rest = url.partition(":")
    path, _, query = rest.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    kernel, threads = options.pop("kernel", "fp32"), options.pop("threads", "")
    if options or kernel not in kernels or not (threads == "" or threads.isdecimal()):
        allowed = f"kernel={'|'.join(kernels)} and threads=N"
        raise Misconfigured(f"{scheme}: takes a folder, {allowed}, not {rest!r}")
    folder = Path(path).expanduser().absolute()
    if not folder.is_dir():
        raise ModelDamaged(f"there is no folder {folder}")
    recipe = read_recipe(folder)
    weights = Weights(folder / "model.safetensors")
    layers.check(recipe, weights)
    return Opened(recipe, weights, kernel, int(threads or 0) or _cpus())


def _cpus() -> int:
    known = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return known or 1
