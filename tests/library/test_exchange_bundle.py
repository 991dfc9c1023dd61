"""A bundle holds everything of its prompts, and is taken whole or not at all."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from exchange_files import FILES
from exchange_samples import LANGFUSE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.library import PromptHistory, Rating
from promptuary.library.exchange.bundle import read_bundle, write_bundle
from promptuary.library.exchange.formats import FORMS
from promptuary.library.exchange.reading import read

NOW = datetime(2030, 1, 31, tzinfo=UTC)
PEM = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture(scope="module")
def key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(*PEM)


@pytest.fixture(scope="module")
def prompts() -> tuple[PromptHistory, ...]:
    """Two prompts with versions, labels, ratings, and a file they came from."""
    first, second = read(FORMS["langfuse"], LANGFUSE, NOW).histories
    rating = Rating(first.versions[0].id, 4, "good", "ada", NOW)
    return replace(first, ratings=(rating,)), second


def altered(
    bundle: bytes, change: Callable[[dict[str, bytes]], None], compressed: bool = False
) -> bytes:
    """The bundle with its files changed."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    change(files)
    out = io.BytesIO()
    kind = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(out, "w", kind) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_everything_of_a_prompt_goes_through_a_signed_bundle(
    key: bytes, prompts: tuple[PromptHistory, ...]
) -> None:
    bundle = write_bundle(prompts, key)
    found = read_bundle(bundle)
    assert found.histories == prompts
    assert found.signed_by
    assert found.signed_by.startswith("ed25519:")
    assert read_bundle(bundle, [found.signed_by]) == found
    assert write_bundle(found.histories, key) == bundle


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_bundle_of_made_up_prompts_comes_back_byte_for_byte(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FILES)))
    histories = read(FORMS[name], data.draw(FILES[name]), NOW).histories
    bundle = write_bundle(histories)
    in_order = [
        replace(each, labels=tuple(sorted(each.labels, key=lambda label: label.name)))
        for each in histories
    ]
    assert list(read_bundle(bundle).histories) == in_order
    assert write_bundle(read_bundle(bundle).histories) == bundle


def test_a_tenant_is_nobody_elses_business(prompts: tuple[PromptHistory, ...]) -> None:
    first, *_ = prompts
    theirs = replace(first, prompt=replace(first.prompt, tenant="acme", id="other"))
    assert write_bundle([theirs]) == write_bundle([first])


def _lie(files: dict[str, bytes]) -> None:
    files["prompts/000001.json"] = files["prompts/000001.json"].replace(b"good", b"evil")


def _slip(files: dict[str, bytes]) -> None:
    files["../../etc/cron"] = b"x"


def _absolute(files: dict[str, bytes]) -> None:
    files["/prompts/000001.json"] = b"x"


def _more(files: dict[str, bytes]) -> None:
    files["prompts/000009.json"] = files["prompts/000001.json"]


def _less(files: dict[str, bytes]) -> None:
    del files["prompts/000002.json"]


def _no_manifest(files: dict[str, bytes]) -> None:
    del files["manifest.json"]


def _odd_manifest(files: dict[str, bytes]) -> None:
    files["manifest.json"] = b"[]"


def _other_signature(files: dict[str, bytes]) -> None:
    said = json.loads(files["signature.json"])
    files["signature.json"] = json.dumps({**said, "signature": "AAAA"}).encode()


def _edited_manifest(files: dict[str, bytes]) -> None:
    files["manifest.json"] += b" "


@pytest.mark.parametrize(
    "change",
    [
        *(_lie, _slip, _absolute, _more, _less, _no_manifest, _odd_manifest, _other_signature),
        _edited_manifest,
    ],
    ids=lambda change: change.__name__[1:],
)
def test_an_altered_bundle_is_refused_as_a_whole(
    change: Callable[[dict[str, bytes]], None], key: bytes, prompts: tuple[PromptHistory, ...]
) -> None:
    bundle = write_bundle(prompts, key)
    with pytest.raises(InvalidInput, match="refused as a whole"):
        read_bundle(altered(bundle, change))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.999])
def test_a_bundle_that_is_cut_short_is_refused(
    share: float, prompts: tuple[PromptHistory, ...]
) -> None:
    bundle = write_bundle(prompts)
    with pytest.raises(InvalidInput, match="cannot be unpacked"):
        read_bundle(bundle[: int(len(bundle) * share)])


def test_a_bundle_by_a_stranger_or_by_nobody_is_refused_where_keys_are_trusted(
    key: bytes, prompts: tuple[PromptHistory, ...]
) -> None:
    stranger = f"ed25519:{'A' * 43}="
    with pytest.raises(InvalidInput, match="not trusted"):
        read_bundle(write_bundle(prompts, key), [stranger])
    with pytest.raises(InvalidInput, match="not signed"):
        read_bundle(write_bundle(prompts), [stranger])
    for trusted in ("key.pem", "ed25519:AAAA", "ключ"):
        with pytest.raises(InvalidInput, match="is no public key: give it as ed25519:"):
            read_bundle(write_bundle(prompts, key), [trusted])


def test_a_bomb_is_refused_before_it_is_unpacked(prompts: tuple[PromptHistory, ...]) -> None:
    def bloat(files: dict[str, bytes]) -> None:
        files["prompts/000003.json"] = bytes(20_000_000)

    bomb = altered(write_bundle(prompts), bloat, compressed=True)
    assert len(bomb) < 100_000
    with pytest.raises(TooLarge, match="unpacks to"):
        read_bundle(bomb, most_bytes=10_000_000)


def test_a_version_that_is_not_what_its_id_stands_for_is_refused(
    prompts: tuple[PromptHistory, ...],
) -> None:
    first, *_ = prompts
    version = first.versions[0]
    content = replace(version.content, text="something else")
    forged = replace(first, versions=(replace(version, content=content), *first.versions[1:]))
    with pytest.raises(InvalidInput, match="what its id stands for"):
        read_bundle(write_bundle([forged]))


def test_only_keys_of_the_right_kind_sign(prompts: tuple[PromptHistory, ...]) -> None:
    with pytest.raises(InvalidInput, match="no private key"):
        write_bundle(prompts, b"-----BEGIN NOTHING-----")
    with pytest.raises(InvalidInput, match="Ed25519"):
        write_bundle(prompts, generate_private_key(65537, 1024).private_bytes(*PEM))
