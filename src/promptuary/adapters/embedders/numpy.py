"""`numpy:/path/to/folder` a sentence model computed in numpy, where onnxruntime is missing."""

from __future__ import annotations

from promptuary.adapters.embedders._model.encoder import FolderEmbedder
from promptuary.adapters.embedders._model.network import ArrayNetwork
from promptuary.adapters.embedders._model.opening import open_folder


def connect(url: str) -> FolderEmbedder:
    """Slower than `onnx:` and in the same space as its kernel `fp32`. Raises what it raises."""
    opened = open_folder(url, ("fp32",))
    network = ArrayNetwork(opened.recipe, opened.weights)
    return FolderEmbedder(opened.recipe, opened.weights, network)
