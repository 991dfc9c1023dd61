"""Signatures with Ed25519 (RFC 8032), by `cryptography`, which the extra `bundles` brings."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Final

from promptuary.domain.errors import InvalidInput, MissingExtra

PREFIX: Final = "ed25519:"
"""What a public key as text begins with; its bytes in Base64 follow."""
KEY_BYTES: Final = 32


def signed(message: bytes, private_key: bytes) -> tuple[str, str]:
    """The public key and the signature, as text. The private key is PEM, without a password.

    Raises InvalidInput for another kind of key, MissingExtra without `cryptography`.
    """
    try:
        from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - an extra
            Ed25519PrivateKey,
        )
    except ImportError as error:
        raise MissingExtra("signing a bundle", "bundles") from error
    try:
        key = form.load_pem_private_key(private_key, None)
    except (ValueError, TypeError) as error:
        raise InvalidInput("the key is no private key in PEM without a password") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InvalidInput("the key is not of the kind Ed25519")
    public = key.public_key().public_bytes(form.Encoding.Raw, form.PublicFormat.Raw)
    return PREFIX + _text(public), _text(key.sign(message))


def holds(message: bytes, public_key: str, signature: str) -> bool:
    """Whether who holds the key signed this message. Raises MissingExtra."""
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - an extra
            Ed25519PublicKey,
        )
    except ImportError as error:
        raise MissingExtra("checking the signature of a bundle", "bundles") from error
    if not public_key.startswith(PREFIX):
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(
            b64decode(public_key.removeprefix(PREFIX), validate=True)
        )
        key.verify(b64decode(signature, validate=True), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def checked_key(public_key: str) -> str:
    """A public key as text. Raises InvalidInput for what is none, such as the name of a file."""
    try:
        if len(b64decode(public_key.removeprefix(PREFIX), validate=True)) == KEY_BYTES:
            return PREFIX + public_key.removeprefix(PREFIX)
    except ValueError:
        pass
    said = f"{public_key[:60]!r} is no public key: give it as {PREFIX} and 32 bytes in Base64, as "
    said += "who signs tells it and a refused bundle names it"
    raise InvalidInput(said, fields={"trust": "no key"})


def _text(data: bytes) -> str:
    return b64encode(data).decode()
