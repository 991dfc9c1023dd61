"""`eml:` mails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from promptuary.adapters.document_loaders._html import read_html
from promptuary.adapters.document_loaders._text import Writing, lines_of, paragraphs, within
from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.loading import Limits, Loaded, Packed, RawFile, Unread

if TYPE_CHECKING:
    from email.message import EmailMessage

_HEADS = ("From", "To", "Cc", "Date")


def connect(url: str) -> MailLoader:  # noqa: ARG001  every adapter is opened by a URL
    """`eml:`"""
    return MailLoader()


class MailLoader:
    """Subject, who wrote to whom and when, and the body: as plain text where there is one. What is
    attached is read by whoever reads its kind. Pictures and pages it refers to are not fetched."""

    @property
    def suffixes(self) -> frozenset[str]:
        """Single mails."""
        return frozenset({".eml"})

    def load(self, file: RawFile, limits: Limits) -> Iterator[Loaded | Packed | Unread]:
        """As the port says."""
        from email import message_from_bytes, policy  # noqa: PLC0415  slow to import

        if len(file.data) > limits.bytes:
            raise TooLarge(f"{len(file.data):,} bytes; at most {limits.bytes:,} are read")
        try:
            mail = message_from_bytes(file.data, policy=policy.default)
            yield from _body(mail, limits)
            yield from _attached(mail, limits)
        except (ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
            # What the parser of the standard library meets in mails that nobody foresaw.
            raise InvalidInput(f"{file.name} is no mail, or damaged: {error}") from error


def _body(mail: EmailMessage, limits: Limits) -> Iterator[Loaded]:
    subject = " ".join(str(mail.get("Subject", "")).split())
    heads = [f"{name}: {value}" for name in _HEADS if (value := mail.get(name))]
    writing = Writing(limits)
    writing.add("heading", subject, level=1)
    body = mail.get_body(preferencelist=("plain", "html"))
    text = within(str(body.get_content()), limits) if body is not None else ""
    if not (heads or subject or text.strip()):
        return
    writing.add("paragraph", "\n".join(" ".join(head.split()) for head in heads))
    if body is not None and body.get_content_subtype() == "html":
        read_html(text, writing, lines=False)
    else:
        for run in paragraphs(lines_of(text)):
            writing.add("paragraph", "\n".join(line.text for line in run))
    if writing.blocks:
        yield Loaded(writing.text, writing.blocks, subject)


def _attached(mail: EmailMessage, limits: Limits) -> Iterator[Packed | Unread]:
    total = 0
    for number, part in enumerate(mail.iter_attachments(), 1):
        name = part.get_filename() or f"attachment {number}"
        data = part.get_payload(decode=True)
        if not isinstance(data, bytes):
            continue
        total += len(data)
        if number > limits.members or total > limits.bytes:
            raise TooLarge(f"more than {limits.members:,} attachments or {limits.bytes:,} bytes")
        yield Packed(RawFile(name, data))
