"""`ollama:llama3.1` a model that Ollama serves at `OLLAMA_HOST`. Extra: `remote`."""

from __future__ import annotations

from promptuary.adapters._remote.keys import variable
from promptuary.adapters.chat_models._remote.address import model_of
from promptuary.adapters.chat_models._remote.model import RemoteChatModel, always
from promptuary.adapters.chat_models._remote.openai_shape import OpenaiShape

HOST = "http://localhost:11434"


def connect(url: str) -> RemoteChatModel:
    """Asks nobody yet; needs no key."""
    model = model_of(url)
    host = variable("OLLAMA_HOST", HOST).rstrip("/")
    base = host if "://" in host else f"http://{host}"
    return RemoteChatModel(f"ollama/{model}", OpenaiShape(f"{base}/v1", model), always({}))
