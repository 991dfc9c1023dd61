"""`https://HOST/PATH` a webhook: each insight as a signed POST of JSON (extra: `remote`).

With `INSIGHT_WEBHOOK_SECRET` the header `X-Promptuary-Signature` is `t=SECONDS,v1=HEX`: HMAC-SHA256
of the seconds since 1970, a full stop and the body. `X-Promptuary-Id` says what is the same.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from promptuary.adapters._remote.keys import variable
from promptuary.adapters._remote.wire import Request, Wire
from promptuary.domain.errors import Misconfigured

SECONDS = 10.0


def connect(url: str) -> WebhookInsightSink:
    """Asks nobody yet. Raises Misconfigured for what is no address, or holds a password."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise Misconfigured("a webhook is http://HOST/PATH or https://, without a password")
    return WebhookInsightSink(url, variable("INSIGHT_WEBHOOK_SECRET").encode())


@dataclass(frozen=True, slots=True)
class WebhookInsightSink:
    """The port `InsightSink`. Redirects are not followed."""

    url: str
    secret: bytes = field(default=b"", repr=False)
    _wire: Wire = field(default_factory=Wire, repr=False)

    async def tell(self, id: str, message: Mapping[str, Any]) -> None:
        """As the port says; any good status means that it was taken."""
        body = json.dumps(message, separators=(",", ":")).encode()
        headers = {"content-type": "application/json", "x-promptuary-id": id}
        if self.secret:
            headers["x-promptuary-signature"] = signature(self.secret, body, int(time.time()))
        async with self._wire.exchanged("POST", Request(self.url, body, SECONDS, headers), body):
            return

    async def aclose(self) -> None:
        """As the port says."""
        await self._wire.aclose()


def signature(secret: bytes, body: bytes, at: int) -> str:
    """What the header says of a body that is sent at that second."""
    seal = hmac.new(secret, f"{at}.".encode() + body, sha256).hexdigest()
    return f"t={at},v1={seal}"
