"""`openai:gpt-4o-mini` a model of OpenAI, or of a host that speaks like it. Extra: `remote`.

The key is `OPENAI_API_KEY`, the host `OPENAI_BASE_URL`.
"""

from __future__ import annotations

from promptuary.adapters._remote.keys import variable
from promptuary.adapters.chat_models._remote.address import model_of, needed
from promptuary.adapters.chat_models._remote.model import RemoteChatModel, bearer
from promptuary.adapters.chat_models._remote.openai_shape import OpenaiShape

HOST = "https://api.openai.com/v1"


def connect(url: str) -> RemoteChatModel:
    """Asks nobody yet. Raises Misconfigured without a key."""
    model = model_of(url)
    key = needed("openai", variable("OPENAI_API_KEY"), "OPENAI_API_KEY")
    base = variable("OPENAI_BASE_URL", HOST).rstrip("/")
    # Hosts that speak like it know the older name only.
    shape = OpenaiShape(base, model, "max_completion_tokens" if base == HOST else "max_tokens")
    return RemoteChatModel(f"openai/{model}", shape, bearer(key))
