"""`ollama:nomic-embed-text` a model that Ollama serves at `OLLAMA_HOST`. Extra: `remote`."""

from __future__ import annotations

from promptuary.adapters._remote.keys import variable
from promptuary.adapters.embedders._remote.client import RemoteEmbedder
from promptuary.adapters.embedders._remote.endpoint import Endpoint, take_apart

HOST = "http://localhost:11434"


def connect(url: str) -> RemoteEmbedder:
    """Asks nobody yet. Raises Misconfigured for a model whose dimensions nobody said."""
    asked = take_apart(url)
    dimensions, shorten = asked.dimensions(asked.rest)
    host = variable("OLLAMA_HOST", HOST)
    base = host if "://" in host else f"http://{host}"
    return RemoteEmbedder(
        Endpoint(
            url=base.rstrip("/") + "/v1/embeddings",
            model=asked.rest,
            dimensions=dimensions,
            owner="ollama",
            shorten=shorten,
            limits=asked.limits(),
        )
    )
