"""The process that reads files: `python -m promptuary.parsing.worker`, requests in, replies out.

It may take no more memory than the first request says, writes no file, and is ended by a timer of
its own when a file takes too long, should nobody else be there to end it.
"""

from __future__ import annotations

import os
import resource
import signal
import stat
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from typing import BinaryIO

from promptuary.domain.errors import InvalidInput, PromptuaryError, TooLarge, Unavailable
from promptuary.domain.loading import Limits, Loaded, RawFile, ReadFile, Unread, stamp_of
from promptuary.parsing.dispatch import Loaders
from promptuary.parsing.wire import (
    HEAD,
    OUT_OF_MEMORY,
    Request,
    packed,
    reply_out,
    request_in,
    unpacked,
)
from promptuary.plugins import document_loaders

GRACE_SECONDS = 5.0
"""How much later than its owner the timer ends this process."""
UNSETTLED_SECONDS = 0.05
"""A file that was written so shortly before may be written again within one tick of its clock."""


def main() -> None:
    """Answer requests until nobody asks any more."""
    incoming, outgoing = _private_pipes()
    loaders = Loaders(document_loaders())
    bound = False
    for request, data in _requests(incoming):
        if not bound:
            _bind(request.limits)
            bound = True
        signal.setitimer(signal.ITIMER_REAL, request.limits.seconds + GRACE_SECONDS)
        try:
            outgoing.write(packed(reply_out(answer(loaders, request, data))))
            outgoing.flush()
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        signal.setitimer(signal.ITIMER_REAL, 0)


def answer(loaders: Loaders, request: Request, data: bytes | None = None) -> ReadFile:
    """Read one file; what is wrong with it is part of the answer."""
    digest = stamp = ""
    try:
        if data is None:
            data, stamp = _bytes_at(request.path, request.limits)
        digest = sha256(data).hexdigest()
        if digest == request.known:
            return ReadFile(digest, stamp, same=True)
        file = RawFile(request.path, data)
        parts = list(_within(loaders.load(file, request.limits), request.limits))
    except PromptuaryError as error:
        return ReadFile(digest, stamp, failed=Unread("", error.code, str(error)))
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        # What a loader did not foresee of a file: the file's fault as far as anybody can tell.
        return ReadFile(digest, stamp, failed=_unforeseen(error))
    documents = tuple(each for each in parts if isinstance(each, Loaded))
    unread = tuple(each for each in parts if isinstance(each, Unread))
    return ReadFile(digest, stamp, documents=documents, unread=unread)


def _within(parts: Iterator[Loaded | Unread], limits: Limits) -> Iterator[Loaded | Unread]:
    """All documents of a file together may hold as much text as one."""
    characters = 0
    for part in parts:
        characters += len(part.text) if isinstance(part, Loaded) else 0
        if characters > limits.characters:
            raise TooLarge(f"more than {limits.characters:,} characters of text")
        yield part


def _bytes_at(path: str, limits: Limits) -> tuple[bytes, str]:
    """What lies there, with its stamp. Never waits for a pipe, never follows a link."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            os.close(descriptor)
            raise InvalidInput("this is no regular file")
        with os.fdopen(descriptor, "rb") as file:
            if before.st_size > limits.bytes:
                message = f"{before.st_size:,} bytes; at most {limits.bytes:,} are read"
                raise TooLarge(f"{message} (max_document_bytes)")
            data = file.read(limits.bytes + 1)
            after = os.fstat(file.fileno())
    except OSError as error:
        raise Unavailable(f"it cannot be opened: {error.strerror}") from error
    settled = time.time() - before.st_mtime > UNSETTLED_SECONDS
    steady = stamp_of(before) == stamp_of(after)
    return data, stamp_of(before) if settled and steady else ""


def _unforeseen(error: Exception) -> Unread:
    what = f"{type(error).__name__}: {error}"[:300]
    return Unread("", InvalidInput.code, f"the file is damaged or unusual ({what})")


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the owner. Whatever else writes to standard output writes to nobody."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nobody = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nobody, stream)
    return os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb")


def _bind(limits: Limits) -> None:
    """No more memory than this, no files, no dump of what was read."""
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _requests(incoming: BinaryIO) -> Iterator[tuple[Request, bytes | None]]:
    while len(head := incoming.read(HEAD)) == HEAD:
        request = request_in(unpacked(incoming.read(int.from_bytes(head, "big"))))
        yield request, None if request.data is None else incoming.read(request.data)


if __name__ == "__main__":
    sys.setrecursionlimit(1_000)
    main()
