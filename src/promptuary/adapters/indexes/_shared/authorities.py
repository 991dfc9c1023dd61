"""Whom to believe: an authority of one's own, and what a server that it did not vouch for means."""

from __future__ import annotations

import ssl
from pathlib import Path

from promptuary.domain.errors import Misconfigured

_ASIDE = '"'
"""What follows a reason where gRPC quotes it."""


def trusting(file: str | Path) -> ssl.SSLContext:
    """A context that believes the authorities in this file and no other; raises Misconfigured where
    the file holds none."""
    try:
        return ssl.create_default_context(cafile=str(Path(file).expanduser()))
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(f"ca: {file} holds no certificate that can be read") from error


def distrusted(error: BaseException | None) -> Misconfigured | None:
    """What to say where a certificate that was not believed is among an error's causes."""
    while error is not None:
        # Both ssl and gRPC say it by this name.
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            why = str(error).rpartition("CERTIFICATE_VERIFY_FAILED")[2].strip("]: ")
            return Misconfigured(
                f"the index's server is not to be trusted: {why.partition(_ASIDE)[0]} "
                "(ca=FILE names the certificate of an authority of your own)"
            )
        error = error.__cause__ or error.__context__
    return None
