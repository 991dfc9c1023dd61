"""`mqtt://HOST:1883?topic=NAME` a broker: each insight as a message (extra: `mqtt`).

The topic is `promptuary/insights` unless said otherwise; messages are sent with QoS 1. The password
stands in `MQTT_PASSWORD`, or in the URL. `mqtts://` is the same over TLS.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import aiomqtt

from promptuary.adapters._remote.keys import variable
from promptuary.domain.errors import Misconfigured, Unavailable

TOPIC = "promptuary/insights"
SECONDS = 10.0
KEPT_OUT = frozenset({4, 5, 134, 135})
"""Reason codes of a broker that does not let us in."""


def connect(url: str) -> MqttInsightSink:
    """Asks nobody yet. Raises Misconfigured for what is no URL of a broker."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query, keep_blank_values=True)
    topic = asked.get("topic", [TOPIC])[0]
    try:
        port = parts.port
    except ValueError as error:
        raise Misconfigured(f"mqtt: {error}") from error
    if not parts.hostname or not asked.keys() <= {"topic"} or not topic or set(topic) & set("+#"):
        raise Misconfigured("mqtt: write mqtt://HOST:1883?topic=NAME, without + and #")
    secure = parts.scheme == "mqtts"
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else variable("MQTT_PASSWORD")
    where = port or (8883 if secure else 1883)
    return MqttInsightSink(parts.hostname, where, topic, user, password or None, secure)


@dataclass(frozen=True, slots=True)
class MqttInsightSink:
    """The port `InsightSink`: a connection for each message, as insights are rare."""

    host: str
    port: int
    topic: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    secure: bool = False

    async def tell(self, id: str, message: Mapping[str, Any]) -> None:  # noqa: ARG002 - it is in it
        """As the port says: the broker has acknowledged it."""
        where = f"the broker {self.host}:{self.port}"
        client = aiomqtt.Client(
            self.host,
            self.port,
            username=self.user,
            password=self.password,
            timeout=SECONDS,
            tls_context=ssl.create_default_context() if self.secure else None,
        )
        try:
            async with client:
                await client.publish(self.topic, json.dumps(message).encode(), qos=1)
        except aiomqtt.MqttError as error:
            code = getattr(error, "rc", None)
            if getattr(code, "value", code) in KEPT_OUT:
                raise Misconfigured(f"{where} does not let us in: {error}") from error
            raise Unavailable(f"{where} cannot be reached: {error}") from error
        except OSError as error:
            raise Unavailable(f"{where} cannot be reached: {error}") from error

    async def aclose(self) -> None:
        """Nothing is held between two messages."""
