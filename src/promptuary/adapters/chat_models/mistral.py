"""`mistral:mistral-small-latest` a model of Mistral. Extra: `remote`.

The key is `MISTRAL_API_KEY`; `MISTRAL_BASE_URL` names another host.
"""

from __future__ import annotations

from promptuary.adapters._remote.keys import variable
from promptuary.adapters.chat_models._remote.address import model_of, needed
from promptuary.adapters.chat_models._remote.model import RemoteChatModel, bearer
from promptuary.adapters.chat_models._remote.openai_shape import OpenaiShape

HOST = "https://api.mistral.ai/v1"


def connect(url: str) -> RemoteChatModel:
    """Asks nobody yet. Raises Misconfigured without a key."""
    model = model_of(url)
    key = needed("mistral", variable("MISTRAL_API_KEY"), "MISTRAL_API_KEY")
    base = variable("MISTRAL_BASE_URL", HOST).rstrip("/")
    # Its streams tell their usage unasked, and it refuses members that it does not know.
    shape = OpenaiShape(base, model, tells_usage=False)
    return RemoteChatModel(f"mistral/{model}", shape, bearer(key))
