"""`openai:text-embedding-3-small?dim=512` a model of OpenAI, or of a host that speaks like it.

Extra: `remote`. The key is `OPENAI_API_KEY`, the host `OPENAI_BASE_URL`.
"""

from __future__ import annotations

from promptuary.adapters._remote.keys import variable
from promptuary.adapters.embedders._remote.client import RemoteEmbedder
from promptuary.adapters.embedders._remote.endpoint import Endpoint, take_apart
from promptuary.domain.errors import Misconfigured

HOST = "https://api.openai.com/v1"


def connect(url: str) -> RemoteEmbedder:
    """Asks nobody yet. Raises Misconfigured without a key, or for dimensions that cannot be."""
    asked = take_apart(url)
    key = variable("OPENAI_API_KEY")
    if not key:
        raise Misconfigured("openai: needs OPENAI_API_KEY in the environment")
    dimensions, shorten = asked.dimensions(asked.rest)
    base = variable("OPENAI_BASE_URL", HOST)
    return RemoteEmbedder(
        Endpoint(
            url=base.rstrip("/") + "/embeddings",
            model=asked.rest,
            dimensions=dimensions,
            owner="openai",
            shorten=shorten,
            base64=True,
            limits=asked.limits(),
            headers={"authorization": f"Bearer {key}"},
        )
    )
