"""`portkey:@openai/text-embedding-3-small?dim=512` a model through the Portkey gateway.

Extra: `remote`. Keys and routes come from the variables `PORTKEY_API_KEY`, `_BASE_URL`,
`_PROVIDER`, `_VIRTUAL_KEY`, `_CONFIG`, `_CUSTOM_HOST`, `_TRACE_ID` and `_METADATA`, each with that
prefix. A gateway of one's own that holds no keys passes `OPENAI_API_KEY` on.
"""

from __future__ import annotations

from promptuary.adapters._remote.keys import variable
from promptuary.adapters._remote.portkey import gateway
from promptuary.adapters.embedders._remote.client import RemoteEmbedder
from promptuary.adapters.embedders._remote.endpoint import Endpoint, take_apart

_HEADERS = ("provider", "virtual-key", "config", "custom-host", "trace-id", "metadata")


def connect(url: str) -> RemoteEmbedder:
    """Asks nobody yet. The space is the model's own: it is the same with and without a gateway.

    Raises Misconfigured where neither a key nor a gateway of one's own is named.
    """
    asked = take_apart(url)
    known = gateway()
    owner, model = _owner(asked.rest)
    dimensions, shorten = asked.dimensions(model)
    return RemoteEmbedder(
        Endpoint(
            url=known.base + "/embeddings",
            model=model,
            dimensions=dimensions,
            owner=owner,
            shorten=shorten,
            base64=False,
            limits=asked.limits(),
            headers=_headers(known.key, owner, variable("OPENAI_API_KEY") if known.own else ""),
        )
    )


def _owner(name: str) -> tuple[str, str]:
    """`@provider/model` or a model of the provider that is set."""
    if name.startswith("@") and "/" in name:
        owner, _, model = name[1:].partition("/")
        return owner, model
    return variable("PORTKEY_PROVIDER", "openai"), name


def _headers(key: str, owner: str, own: str) -> dict[str, str]:
    found = {
        f"x-portkey-{name}": variable(f"PORTKEY_{name}".upper().replace("-", "_"))
        for name in _HEADERS
    }
    found["x-portkey-provider"] = found["x-portkey-provider"] or owner
    found["x-portkey-api-key"] = key
    found["authorization"] = f"Bearer {own}" if own else ""
    return {name: value for name, value in found.items() if value}
