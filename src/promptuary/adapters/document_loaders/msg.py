"""`msg:` mails that Outlook saved (MS-OXMSG)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from promptuary.adapters.document_loaders._compound import STORAGE, STREAM, Compound, Entry
from promptuary.adapters.document_loaders._html import charset, read_html
from promptuary.adapters.document_loaders._text import Writing, decoded, lines_of, paragraphs
from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.loading import Limits, Loaded, Packed, RawFile

_PROPERTY = "__substg1.0_"
_ATTACHMENT = "__attach_version1.0_"
_SUBJECT, _BODY, _HTML = "0037", "1000", "1013"
_HEADS = {"From": "0C1A", "To": "0E04", "Cc": "0E03"}
_FILE, _NAMES = "3701", ("3707", "3704", "3001")


def connect(url: str) -> OutlookLoader:  # noqa: ARG001  every adapter is opened by a URL
    """`msg:`"""
    return OutlookLoader()


class OutlookLoader:
    """Subject, who wrote to whom, and the body; what is attached is read by whoever reads it."""

    @property
    def suffixes(self) -> frozenset[str]:
        """Single mails of Outlook."""
        return frozenset({".msg"})

    def load(self, file: RawFile, limits: Limits) -> Iterator[Loaded | Packed]:
        """As the port says."""
        if len(file.data) > limits.bytes:
            raise TooLarge(f"{len(file.data):,} bytes; at most {limits.bytes:,} are read")
        opened = Compound(file.data)
        held = _properties(opened, None)
        if not held:
            raise InvalidInput("a compound file, but no mail")
        writing = Writing(limits)
        subject = " ".join(_text(opened, held, _SUBJECT).split())
        writing.add("heading", subject, level=1)
        said = {name: _text(opened, held, tag) for name, tag in _HEADS.items()}
        heads = (f"{name}: {' '.join(text.split())}" for name, text in said.items() if text.strip())
        writing.add("paragraph", "\n".join(heads))
        _write_body(opened, held, writing, limits)
        if writing.blocks:
            yield Loaded(writing.text, writing.blocks, subject)
        yield from _attached(opened, limits)


def _write_body(
    opened: Compound, held: Mapping[str, Entry], writing: Writing, limits: Limits
) -> None:
    plain = _text(opened, held, _BODY)
    if plain.strip():
        for run in paragraphs(lines_of(plain)):
            writing.add("paragraph", "\n".join(line.text for line in run))
    elif page := held.get(f"{_HTML}0102"):
        data = opened.read(page)
        text = decoded(RawFile("body", data), limits, declared=charset(data))
        read_html(text, writing, lines=False)


def _properties(opened: Compound, storage: Entry | None) -> Mapping[str, Entry]:
    """The streams of a mail or an attachment by their tag and type."""
    return {
        entry.name.removeprefix(_PROPERTY).upper(): entry
        for entry in opened.inside(storage)
        if entry.kind == STREAM and entry.name.startswith(_PROPERTY)
    }


def _text(opened: Compound, held: Mapping[str, Entry], tag: str) -> str:
    """A property that is a text: in UTF-16, or in the code page of its writer."""
    if wide := held.get(f"{tag}001F"):
        return opened.read(wide).decode("utf-16-le", "replace").rstrip("\x00")
    if narrow := held.get(f"{tag}001E"):
        return opened.read(narrow).decode("cp1252", "replace").rstrip("\x00")
    return ""


def _attached(opened: Compound, limits: Limits) -> Iterator[Packed]:
    storages = [
        each
        for each in opened.inside()
        if each.kind == STORAGE and each.name.startswith(_ATTACHMENT)
    ]
    if len(storages) > limits.members:
        raise TooLarge(f"{len(storages):,} attachments; at most {limits.members:,} are read")
    total = 0
    for number, storage in enumerate(sorted(storages, key=lambda each: each.name), 1):
        held = _properties(opened, storage)
        named = (_text(opened, held, tag) for tag in _NAMES)
        name = next(filter(None, named), f"attachment {number}")
        if stream := held.get(f"{_FILE}0102"):
            data = opened.read(stream)
            total += len(data)
            if total > limits.bytes:  # several may share the same sectors
                raise TooLarge(f"attachments of more than {limits.bytes:,} bytes")
            yield Packed(RawFile(name, data))
