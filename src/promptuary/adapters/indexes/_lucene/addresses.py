"""The URL of an index: where the engine is, how it lets us in, and how an index is laid out."""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from re import fullmatch
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from promptuary.adapters._remote import aws
from promptuary.adapters._remote.keys import variable
from promptuary.adapters.indexes._shared.authorities import trusting
from promptuary.domain.errors import Misconfigured

NAME = "[a-z0-9][a-z0-9_.-]{0,199}"
"""What both engines take as a name, with room for a number at its end."""
_OPTIONS = {
    *("ca", "timeout", "shards", "replicas", "quantization", "exact", "native", "sigv4"),
    "region",
}
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class Address:
    """Where an index is, and how to make it. Holds keys, so it does not print its headers."""

    base: str
    index: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca: Path | None = None
    seconds: float = 10.0
    shards: int = 1
    replicas: int | None = None
    quantized: bool = False
    """Vectors are compared by eight bits a number first, then exactly."""
    exact: int = 20_000
    """Up to so many entries, every vector is compared."""
    native: bool = True
    """Texts are also kept in fields that the engine analyses itself."""
    service: str = ""
    region: str = ""
    """Requests are signed for this service of AWS in this region."""

    def trusted(self) -> ssl.SSLContext | None:
        """The authority of one's own, where one is named. Raises Misconfigured."""
        return None if self.ca is None else trusting(self.ca)


def address_of(url: str, *, prefix: str) -> Address:
    """Read `scheme[+https]://[USER:PASSWORD@]HOST[:9200]/INDEX?options`; `prefix` begins the names
    of the variables that hold keys; `ca` asks for TLS as `+https` does. Raises Misconfigured, never
    with a password."""
    parts = urlsplit(url)
    scheme, _, transport = parts.scheme.partition("+")
    told = dict(parse_qsl(parts.query, keep_blank_values=True))
    shape = f"write {scheme}://HOST:9200/INDEX"
    if unknown := sorted(told.keys() - _OPTIONS):
        raise Misconfigured(f"{scheme}: no option {', '.join(unknown)}; {shape}")
    *above, index = parts.path.strip("/").split("/")
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Misconfigured(f"{scheme}: the port is no number; {shape}") from error
    if transport not in ("", "http", "https") or not host or not fullmatch(NAME, index):
        raise Misconfigured(f"{shape}, where INDEX is of a-z, 0-9, `-`, `_` and `.`")
    service = told.get("sigv4", "")
    if service not in ("", "es", "aoss"):
        raise Misconfigured(f"{scheme}: sigv4 is es or aoss")
    tls = transport == "https" or bool(service)
    shown = f"[{host}]" if ":" in host else host
    netloc = shown if port is None and tls else f"{shown}:{port or 9200}"
    tls = tls or "ca" in told
    path = "".join(f"/{quote(part)}" for part in above)
    if service:
        aws.credentials(scheme)  # says at once that there are none
    return Address(
        base=f"{'https' if tls else 'http'}://{netloc}{path}",
        index=index,
        headers=_let_in(parts.username, parts.password, prefix),
        ca=Path(told["ca"]).expanduser() if "ca" in told else None,
        seconds=_number(told, "timeout", 10.0),
        shards=int(_number(told, "shards", 1)),
        replicas=int(told["replicas"]) if told.get("replicas", "").isdecimal() else None,
        quantized=_quantized(told),
        exact=int(_number(told, "exact", 20_000, least=0)),
        native=_flag(told, "native", default=True),
        service=service,
        region=(told.get("region") or aws.region(scheme)) if service else "",
    )


def _let_in(user: str | None, password: str | None, prefix: str) -> dict[str, str]:
    name = unquote(user or "") or variable(f"{prefix}_USERNAME")
    secret = unquote(password or "") or variable(f"{prefix}_PASSWORD")
    if name:
        return {"authorization": f"Basic {b64encode(f'{name}:{secret}'.encode()).decode()}"}
    if key := variable(f"{prefix}_API_KEY"):
        return {"authorization": f"ApiKey {key}"}
    return {}


def _quantized(told: Mapping[str, str]) -> bool:
    if (wanted := told.get("quantization", "none")) not in ("none", "int8"):
        raise Misconfigured(f"quantization is none or int8, not {wanted}")
    return wanted == "int8"


def _flag(told: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = told.get(name, "").lower()
    if text not in ("", *_YES, *_NO):
        raise Misconfigured(f"{name} is true or false, not {text}")
    return text in _YES if text else default


def _number(told: Mapping[str, str], name: str, default: float, *, least: float = 0.001) -> float:
    try:
        number = float(told.get(name, default))
    except ValueError:
        number = -1.0
    if not least <= number < 1e9:
        raise Misconfigured(f"{name} is a number above 0, not {told[name]}")
    return number
