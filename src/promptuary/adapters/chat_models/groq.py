"""`groq:llama-3.1-8b-instant` a model that Groq serves. Extra: `remote`.

The key is `GROQ_API_KEY`; `GROQ_BASE_URL` names another host.
"""

from __future__ import annotations

from promptuary.adapters._remote.keys import variable
from promptuary.adapters.chat_models._remote.address import model_of, needed
from promptuary.adapters.chat_models._remote.model import RemoteChatModel, bearer
from promptuary.adapters.chat_models._remote.openai_shape import OpenaiShape

HOST = "https://api.groq.com/openai/v1"


def connect(url: str) -> RemoteChatModel:
    """Asks nobody yet. Raises Misconfigured without a key."""
    model = model_of(url)
    key = needed("groq", variable("GROQ_API_KEY"), "GROQ_API_KEY")
    base = variable("GROQ_BASE_URL", HOST).rstrip("/")
    shape = OpenaiShape(base, model, "max_completion_tokens")
    return RemoteChatModel(f"groq/{model}", shape, bearer(key))
