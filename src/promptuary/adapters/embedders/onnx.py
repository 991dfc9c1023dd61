"""`onnx:/path/to/folder?kernel=fp32|q8|int8` a sentence model run by onnxruntime.

Extra: `onnx`. The ONNX model is written in memory from the folder's weights; see `_model/graph.py`.
"""

from __future__ import annotations

from promptuary.adapters.embedders._model.encoder import FolderEmbedder
from promptuary.adapters.embedders._model.graph import INVARIANT, KERNELS
from promptuary.adapters.embedders._model.opening import open_folder
from promptuary.adapters.embedders._model.session import OnnxNetwork


def connect(url: str) -> FolderEmbedder:
    """Raises Misconfigured for options that cannot be, ModelDamaged for a folder that is no whole
    model."""
    opened = open_folder(url, KERNELS)
    network = OnnxNetwork(opened)
    invariant = opened.kernel in INVARIANT
    return FolderEmbedder(opened.recipe, opened.weights, network, invariant=invariant)
