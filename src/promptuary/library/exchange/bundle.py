"""Our own bundle: whole prompts with versions, labels, branches, ratings and origins, in a zip file
with a manifest of SHA-256 digests, which may be signed.

```text
manifest.json        format, version, and of each file its name, size and digest
signature.json       the public key and the signature of manifest.json, when it is signed
prompts/000001.json  a PromptHistory; its slug is inside, never in a path
```

The same prompts give the same bytes: nothing in it is compressed, dated or in an order by chance.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.library import PromptHistory, library_prompt_id, version_id
from promptuary.domain.plain import Json, decode, encode
from promptuary.library.exchange.signing import checked_key, holds, signed

FORMAT: Final = "promptuary-bundle"
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "signature.json"
MOST_BYTES: Final = 256 * 1024 * 1024
"""Of everything in a bundle, unpacked."""
MOST_FILES: Final = 100_000
_PLACE: Final = re.compile(r"manifest\.json|signature\.json|prompts/\d{6}\.json")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was in it, and the public key that signed it, None for an unsigned one."""

    histories: tuple[PromptHistory, ...]
    signed_by: str | None


def write_bundle(histories: Sequence[PromptHistory], private_key: bytes | None = None) -> bytes:
    """A bundle of these prompts, signed when there is a key (PEM).

    Raises InvalidInput for another kind of key, MissingExtra without what signs.
    """
    files = {
        f"prompts/{place:06}.json": encode(_settled(history))
        for place, history in enumerate(histories, 1)
    }
    rows = [
        {"file": name, "bytes": len(data), "sha256": sha256(data).hexdigest()}
        for name, data in files.items()
    ]
    manifest = json.dumps({"format": FORMAT, "version": 1, "files": rows}, indent=1).encode()
    head = {MANIFEST: manifest}
    if private_key is not None:
        public, signature = signed(manifest, private_key)
        head[SIGNATURE] = json.dumps({"key": public, "signature": signature}, indent=1).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in (head | files).items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, data)
    return out.getvalue()


def sign_bundle(data: bytes, private_key: bytes) -> bytes:
    """The same bundle, signed with this key (PEM). Raises as reading and writing one do."""
    return write_bundle(read_bundle(data).histories, private_key)


def _settled(history: PromptHistory) -> PromptHistory:
    """Everything in one order, and of no tenant."""
    own = library_prompt_id(history.prompt.slug)
    about = history.prompt.about
    return replace(
        history,
        prompt=replace(
            history.prompt,
            id=own,
            tenant="",
            about=replace(about, topic_details=dict(sorted(about.topic_details.items()))),
        ),
        versions=tuple(replace(version, prompt_id=own) for version in history.versions),
        labels=tuple(sorted(history.labels, key=lambda label: label.name)),
        branches=dict(sorted(history.branches.items())),
        carried=tuple(sorted(history.carried, key=lambda each: each.format)),
    )


def read_bundle(
    data: bytes, trusted: Sequence[str] = (), *, most_bytes: int = MOST_BYTES
) -> Bundle:
    """What is in a bundle, all of it or nothing.

    Raises InvalidInput for a file that is no bundle, is cut short or altered, holds anything beside
    its manifest, or whose signature is broken; with `trusted` keys also for one that none of them
    signed. Raises TooLarge before it is unpacked.
    """
    files = _unpacked(data, most_bytes)
    manifest = files.pop(MANIFEST, None)
    if manifest is None:
        raise _broken("it has no manifest.json")
    signed_by = _checked_signature(manifest, files.pop(SIGNATURE, None), trusted)
    listed = _listed(manifest)
    if listed.keys() != files.keys():
        raise _broken("its files are not those of its manifest")
    for name, digest in listed.items():
        if sha256(files[name]).hexdigest() != digest:
            raise _broken(f"{name} is not what its manifest says")
    histories = tuple(_history(name, files[name]) for name in sorted(files))
    slugs = [history.prompt.slug for history in histories]
    if len(set(slugs)) != len(slugs):
        raise _broken("two of its prompts have one slug")
    return Bundle(histories, signed_by)


def _unpacked(data: bytes, most_bytes: int) -> dict[str, bytes]:
    """The files by their names. Every name is known before a byte is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check(entries, most_bytes)
            return dict(_read(archive, entries))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise _broken(f"it cannot be unpacked ({error})") from error


def _check(entries: Sequence[zipfile.ZipInfo], most_bytes: int) -> None:
    if len(entries) > MOST_FILES:
        raise TooLarge(f"the bundle has {len(entries):,} files, more than {MOST_FILES:,}")
    size = sum(entry.file_size for entry in entries)
    if size > most_bytes:
        raise TooLarge(f"the bundle unpacks to {size:,} bytes, more than {most_bytes:,}")
    names = [entry.filename for entry in entries]
    if odd := [name for name in names if not _PLACE.fullmatch(name)]:
        raise _broken(f"{odd[0][:80]!r} has no place in it")
    if len(set(names)) != len(names):
        raise _broken("a file stands in it twice")


def _read(
    archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]
) -> Iterator[tuple[str, bytes]]:
    """Each file, and of none more than its entry says."""
    for entry in entries:
        with archive.open(entry) as file:
            data = file.read(entry.file_size + 1)
        if len(data) != entry.file_size:
            raise _broken(f"{entry.filename} is not as long as it says")
        yield entry.filename, data


def _checked_signature(
    manifest: bytes, signature: bytes | None, trusted: Sequence[str]
) -> str | None:
    """Who signed it. Raises InvalidInput."""
    keys = [checked_key(each) for each in trusted]
    if signature is None:
        if trusted:
            raise _broken("it is not signed")
        return None
    said = _json(SIGNATURE, signature)
    key, value = said.get("key"), said.get("signature")
    if not isinstance(key, str) or not isinstance(value, str) or not holds(manifest, key, value):
        raise _broken("its signature is broken")
    if keys and key not in keys:
        raise _broken(f"it is signed by {key}, which is not trusted")
    return key


def _listed(manifest: bytes) -> Mapping[str, str]:
    """Digests by name."""
    said = _json(MANIFEST, manifest)
    if said.get("format") != FORMAT or said.get("version") != 1:
        raise _broken("it is of another format or a later version")
    files = said.get("files")
    if not isinstance(files, list) or not all(isinstance(each, dict) for each in files):
        raise _broken("its manifest lists no files")
    return {str(each.get("file")): str(each.get("sha256")) for each in files}


def _json(name: str, data: bytes) -> dict[str, Json]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _broken(f"{name} is no JSON") from error
    if not isinstance(value, dict):
        raise _broken(f"{name} is no object")
    return value


def _history(name: str, data: bytes) -> PromptHistory:
    """A prompt whose versions are what their ids stand for."""
    try:
        history = decode(PromptHistory, data)
    except ValueError as error:
        raise _broken(f"{name} is no prompt") from error
    for version in history.versions:
        if version.id != version_id(version.content, version.parents):
            raise _broken(f"version {version.number} in {name} is not what its id stands for")
    return history


def _broken(what: str) -> InvalidInput:
    return InvalidInput(f"the bundle is refused as a whole: {what}")
