"""`http://host:8080/v1?model=NAME` any host that speaks like OpenAI: vLLM, llama.cpp, LM Studio.

Extra: `remote`. The key is `PROMPTUARY_ENDPOINT_KEY`, where one is needed.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from promptuary.adapters._remote.keys import variable
from promptuary.adapters.chat_models._remote.model import RemoteChatModel, bearer
from promptuary.adapters.chat_models._remote.openai_shape import OpenaiShape
from promptuary.domain.errors import Misconfigured


def connect(url: str) -> RemoteChatModel:
    """Asks nobody yet. Raises Misconfigured without a model, or with other options."""
    parts = urlsplit(url)
    options = parse_qs(parts.query, keep_blank_values=True)
    model = options.pop("model", [""])[0]
    if not model or options or not parts.netloc:
        raise Misconfigured(f"{parts.scheme}: is written {parts.scheme}://HOST/v1?model=NAME")
    base = f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
    key = variable("PROMPTUARY_ENDPOINT_KEY")
    return RemoteChatModel(f"endpoint/{model}", OpenaiShape(base, model), bearer(key))
