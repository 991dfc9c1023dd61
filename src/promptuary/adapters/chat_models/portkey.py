"""`portkey:@openai/gpt-4o-mini` a model through the Portkey gateway. Extra: `remote`.

Keys and routes come from the variables `PORTKEY_API_KEY`, `_BASE_URL`, `_PROVIDER`,
`_VIRTUAL_KEY`, `_CONFIG`, `_CUSTOM_HOST`, `_TRACE_ID` and `_METADATA`, each with that prefix. To a
gateway of one's own the provider's key is passed on: `OPENAI_API_KEY` and so on.
"""

from __future__ import annotations

from collections.abc import Mapping

from promptuary.adapters._remote.keys import variable
from promptuary.adapters._remote.portkey import gateway
from promptuary.adapters.chat_models._remote.address import model_of
from promptuary.adapters.chat_models._remote.model import RemoteChatModel, always
from promptuary.adapters.chat_models._remote.openai_shape import OpenaiShape

_HEADERS = ("provider", "virtual-key", "config", "custom-host", "trace-id", "metadata")
_KEYS: Mapping[str, tuple[str, ...]] = {
    "openai": ("OPENAI_API_KEY",),
    "anthropic": ("ANTHROPIC_API_KEY",),
    "google": ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    "groq": ("GROQ_API_KEY",),
    "mistral-ai": ("MISTRAL_API_KEY",),
}
"""Providers as the gateway calls them, and whose key is passed on to them."""


def connect(url: str) -> RemoteChatModel:
    """Asks nobody yet. Raises Misconfigured where neither a key nor a gateway of one's own is
    named."""
    name = model_of(url)
    known = gateway()
    owner, model = _owner(name)
    names = _KEYS.get(owner, ()) if known.own else ()
    own = next(filter(None, map(variable, names)), "")
    shape = OpenaiShape(known.base, model)
    return RemoteChatModel(f"{owner}/{model}", shape, always(_headers(known.key, owner, own)))


def _owner(name: str) -> tuple[str, str]:
    """`@provider/model`, or a model of the provider that is set."""
    if name.startswith("@") and "/" in name:
        owner, _, model = name[1:].partition("/")
        return owner, model
    return variable("PORTKEY_PROVIDER", "openai"), name


def _headers(key: str, owner: str, own: str) -> dict[str, str]:
    found = {
        f"x-portkey-{name}": variable(f"PORTKEY_{name}".upper().replace("-", "_"))
        for name in _HEADERS
    }
    # A virtual key or a config says itself where the request goes.
    routed = found["x-portkey-virtual-key"] or found["x-portkey-config"]
    found["x-portkey-provider"] = found["x-portkey-provider"] or ("" if routed else owner)
    found["x-portkey-api-key"] = key
    found["authorization"] = f"Bearer {own}" if own else ""
    return {name: value for name, value in found.items() if value}
