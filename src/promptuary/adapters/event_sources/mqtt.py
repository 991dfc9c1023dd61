"""`mqtt://HOST:1883` events from a broker: Frigate's topics and `camera/events/#` (extra: `mqtt`).

`?topic=NAME` (again and again) listens to others, `?client=NAME` is who we are to the broker, which
keeps what it cannot deliver under that name, and `?qos=0..2` how surely it delivers (else 1). The
password stands in `MQTT_PASSWORD`, or in the URL. `mqtts://` is the same over TLS.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import aiomqtt

from promptuary.adapters._remote.keys import variable
from promptuary.domain.errors import InvalidInput, Misconfigured, Unavailable, Unsupported
from promptuary.domain.incoming import Batch, Row

TOPICS = (
    *("frigate/events", "frigate/reviews", "frigate/tracked_object_update"),
    "camera/events/#",
)
OWN = "camera/events/"
"""What follows it is the camera, where a message does not say."""
AT_ONCE = 500
MOST_WAITING = 100_000
LARGEST = 1024 * 1024
CONNECT_SECONDS = 10.0
KEPT_OUT = frozenset({4, 5, 134, 135})
"""Reason codes of a broker that does not let us in: another password is needed, not patience."""
_ASKED = {"topic", "client", "qos"}


def connect(url: str) -> MqttEventSource:
    """Asks nobody yet. Raises Misconfigured for what is no URL of a broker."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query, keep_blank_values=True)
    try:
        port = parts.port
        qos = int(asked.get("qos", ["1"])[0])
    except ValueError as error:
        raise Misconfigured(f"mqtt: {error}") from error
    topics = tuple(asked.get("topic", TOPICS))
    wrong = not all(topics) or qos not in {0, 1, 2} or not asked.keys() <= _ASKED
    if not parts.hostname or parts.path.strip("/") or wrong:
        raise Misconfigured("mqtt: write mqtt://HOST:1883?topic=NAME&client=NAME&qos=1")
    secure = parts.scheme == "mqtts"
    password = unquote(parts.password) if parts.password else variable("MQTT_PASSWORD")
    return MqttEventSource(
        parts.hostname,
        port or (8883 if secure else 1883),
        topics,
        asked.get("client", ["promptuary"])[0],
        qos,
        unquote(parts.username) if parts.username else None,
        password or None,
        secure,
    )


@dataclass(slots=True)  # changes: it keeps one client, and with it what was not taken yet
class MqttEventSource:
    """The port `EventSource`. A message is only acknowledged to the broker when its event is
    durable; the broker keeps what came meanwhile, for senders that ask for that (QoS 1)."""

    host: str
    port: int
    topics: tuple[str, ...]
    client: str
    qos: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    secure: bool = False
    _client: aiomqtt.Client | None = field(default=None, repr=False)

    def past(
        self,
        *,
        since: datetime | None = None,  # noqa: ARG002 - the port asks for it
        until: datetime | None = None,  # noqa: ARG002 - the port asks for it
    ) -> AsyncGenerator[Batch, None]:
        """A broker keeps no past."""
        raise Unsupported("a broker keeps no past: listen to it instead")

    async def live(self) -> AsyncGenerator[Batch, None]:
        """As the port says."""
        client = self._client = self._client or self._made()
        with self._named():
            async with asyncio.timeout(CONNECT_SECONDS):
                await client.__aenter__()
            try:
                await client.subscribe([(topic, self.qos) for topic in self.topics])
                while True:
                    some = [await anext(client.messages)]
                    while len(client.messages) and len(some) < AT_ONCE:
                        some.append(await anext(client.messages))
                    yield self._batch(client, some)
            finally:
                await _left(client)

    async def aclose(self) -> None:
        """Nothing is held between two calls."""

    def _made(self) -> aiomqtt.Client:
        client = aiomqtt.Client(
            self.host,
            self.port,
            username=self.user,
            password=self.password,
            identifier=self.client,
            clean_session=False,
            timeout=CONNECT_SECONDS,
            max_queued_incoming_messages=MOST_WAITING,
            tls_context=ssl.create_default_context() if self.secure else None,
        )
        client._client.manual_ack_set(True)
        return client

    def _batch(self, client: aiomqtt.Client, some: Sequence[aiomqtt.Message]) -> Batch:
        rows: list[Row] = []
        unread: list[str] = []
        for each in some:
            try:
                rows += rows_of(str(each.topic), each.payload)
            except InvalidInput as error:
                unread.append(f"{each.topic}: {error}")

        async def taken() -> None:
            for each in some:
                if each.qos:
                    client._client.ack(each.mid, each.qos)

        return Batch(tuple(rows), tuple(unread), taken)

    @contextmanager
    def _named(self) -> Iterator[None]:
        where = f"the broker {self.host}:{self.port}"
        try:
            yield
        except aiomqtt.MqttError as error:
            code = getattr(error, "rc", None)
            if getattr(code, "value", code) in KEPT_OUT:
                raise Misconfigured(f"{where} does not let us in: {error}") from error
            raise Unavailable(f"{where} cannot be reached: {error}") from error
        except (OSError, TimeoutError) as error:
            raise Unavailable(f"{where} cannot be reached: {str(error) or 'too slow'}") from error


async def _left(client: aiomqtt.Client) -> None:
    """Say goodbye; a broker that is gone hears nothing of it."""
    try:
        await client.__aexit__(None, None, None)
    except aiomqtt.MqttError:
        return


def rows_of(topic: str, payload: Any) -> list[Row]:  # noqa: ANN401 - whatever the client gives
    """The events of a message: an object or a list of them, in JSON. Raises InvalidInput."""
    if not isinstance(payload, bytes | bytearray | str):
        raise InvalidInput("a message holds JSON")
    if len(payload) > LARGEST:
        raise InvalidInput(f"a message holds at most {LARGEST:,} bytes")
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("not JSON") from error
    rows = told if isinstance(told, list) else [told]
    if not all(isinstance(row, dict) for row in rows):
        raise InvalidInput("not an object")
    if not topic.startswith(OWN):
        return rows
    camera = topic.removeprefix(OWN).partition("/")[0]
    return [{"camera_id": camera, **row} if "camera" not in row else row for row in rows]
