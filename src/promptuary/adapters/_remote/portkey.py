"""The Portkey gateway: where it is, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from promptuary.adapters._remote.keys import variable
from promptuary.domain.errors import Misconfigured

HOSTED = "https://api.portkey.ai/v1"


@dataclass(frozen=True, slots=True)
class Gateway:
    """Its address and our key there; `own`: whoever runs it may see the keys of providers."""

    base: str
    key: str
    own: bool


def gateway() -> Gateway:
    """The gateway that is named, else the hosted one. Raises Misconfigured where neither a key nor
    a gateway of one's own is named."""
    key, named = variable("PORTKEY_API_KEY"), variable("PORTKEY_BASE_URL").rstrip("/")
    base = named or HOSTED
    if not urlsplit(base).path:
        base += "/v1"
    if not key and base == HOSTED:
        raise Misconfigured("portkey: needs PORTKEY_API_KEY, or PORTKEY_BASE_URL of your gateway")
    return Gateway(base, key, own=base != HOSTED)
