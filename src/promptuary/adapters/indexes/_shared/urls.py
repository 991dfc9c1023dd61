"""The address of a server: host, port, name of the index, credentials, options."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from promptuary.adapters.indexes._shared.authorities import trusting
from promptuary.domain.errors import Misconfigured

NAME = "promptuary"
"""What an index is called where the URL does not say."""


@dataclass(frozen=True, slots=True)
class Address:
    """What `scheme[+https]://[USER:PASSWORD@]HOST[:PORT][/NAME][?OPTION=VALUE]` says."""

    secure: bool
    host: str
    port: int
    name: str
    user: str
    password: str
    options: Mapping[str, str]

    def number(self, option: str, default: int) -> int:
        """A whole number above 0 among the options; raises Misconfigured for anything else."""
        given = self.options.get(option)
        if given is None:
            return default
        if not given.isdigit() or not int(given):
            raise Misconfigured(f"{option} is a whole number above 0, not {given!r}")
        return int(given)

    def trusted(self) -> ssl.SSLContext | None:
        """The authority of one's own that `ca` names, if any; raises Misconfigured where the file
        holds none."""
        file = self.options.get("ca")
        return None if file is None else trusting(file)

    def authority(self) -> bytes | None:
        """The same as the bytes of its file, as gRPC takes it."""
        return Path(self.options["ca"]).expanduser().read_bytes() if self.trusted() else None

    def choice(self, option: str, *known: str) -> str:
        """One of these words, the first by default; raises Misconfigured for any other."""
        given = self.options.get(option, known[0])
        if given not in known:
            raise Misconfigured(f"{option} is one of {', '.join(known)}, not {given!r}")
        return given


def parsed(url: str, *, port: int, options: tuple[str, ...]) -> Address:
    """Read a URL, in which `ca` asks for TLS as `+https` does; raises Misconfigured for one that
    cannot be read or has an unknown option."""
    scheme, _, rest = url.partition(":")
    bare, _, transport = scheme.partition("+")
    try:
        parts = urlsplit(f"index:{rest}")
        given = parts.port or port
        query = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError as error:
        raise Misconfigured(f"{bare}: not a URL: {error}") from error
    if not parts.hostname or transport not in {"", "http", "https"}:
        raise Misconfigured(f"{bare}: needs a server: {bare}://HOST:{port}/NAME")
    for option in query:
        if option not in options:
            raise Misconfigured(f"{bare}: takes {', '.join(options)}, not {option!r}")
    return Address(
        secure=transport == "https" or "ca" in query,
        host=parts.hostname,
        port=given,
        name=unquote(parts.path.strip("/")) or NAME,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        options=query,
    )
