"""`http://host:8080/v1?model=NAME&dim=384` an endpoint of the OpenAI shape: TEI, infinity, vLLM.

Extra: `remote`. The key is `PROMPTUARY_ENDPOINT_KEY`, where one is needed.
"""

from __future__ import annotations

from promptuary.adapters._remote.keys import variable
from promptuary.adapters.embedders._remote.client import RemoteEmbedder
from promptuary.adapters.embedders._remote.endpoint import Endpoint, take_apart
from promptuary.domain.errors import Misconfigured


def connect(url: str) -> RemoteEmbedder:
    """Asks nobody yet. The path is taken as it is where it ends in `embeddings` or `embed`.

    Raises Misconfigured without a model and its dimensions: an endpoint may change its model, and
    a space must not change by itself.
    """
    asked = take_apart(url, "model")
    model = asked.options.get("model", "")
    if not model:
        raise Misconfigured(f"{asked.scheme}: say which model is served: ?model=NAME&dim=N")
    dimensions, shorten = asked.dimensions(model)
    path = f"{asked.scheme}:{asked.rest}".rstrip("/")
    key = variable("PROMPTUARY_ENDPOINT_KEY")
    return RemoteEmbedder(
        Endpoint(
            url=path if path.endswith(("/embeddings", "/embed")) else f"{path}/embeddings",
            model=model,
            dimensions=dimensions,
            owner="endpoint",
            shorten=shorten,
            limits=asked.limits(),
            headers={"authorization": f"Bearer {key}"} if key else {},
        )
    )
