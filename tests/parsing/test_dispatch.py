from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest

from promptuary.domain.errors import TooLarge, Unsupported
from promptuary.domain.loading import Limits, Loaded, RawFile, Unread, suffix_of
from promptuary.parsing.dispatch import Loaders
from promptuary.parsing.wire import (
    Request,
    packed,
    reply_in,
    reply_out,
    request_in,
    request_out,
    unpacked,
)
from promptuary.parsing.worker import answer
from promptuary.plugins import document_loaders
from promptuary.testing.fakes.document_loader import LineLoader

LOADERS = Loaders(document_loaders())


def archive(**members: bytes) -> bytes:
    """A ZIP file; `__` in a name stands for a dot."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        for name, data in members.items():
            opened.writestr(name.replace("__", "."), data)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a/B.MD", ".md"),
        ("README", "readme"),
        ("x.tar.gz", ".gz"),
        (".profile", ".profile"),
        ("a\\b.txt", ".txt"),
        ("two\nlines.md", ".md"),
    ],
)
def test_the_end_of_a_name_says_what_it_is(name: str, suffix: str) -> None:
    assert suffix_of(name) == suffix


def test_a_kind_that_nobody_reads_is_refused() -> None:
    with pytest.raises(Unsupported, match=r"a\.md"):
        list(Loaders([LineLoader()]).load(RawFile("a.md", b""), Limits()))


def test_members_are_named_by_their_path_and_pictures_passed_over() -> None:
    inner = archive(deep__txt=b"third", bad__json=b"{")
    data = archive(a__md=b"# First", inner__zip=inner, picture__png=b"\x89PNG")
    read = list(LOADERS.load(RawFile("all.zip", data), Limits()))
    assert [each.part for each in read] == ["a.md", "inner.zip/deep.txt", "inner.zip/bad.json"]
    assert isinstance(read[2], Unread)


def test_archives_inside_archives_end_somewhere() -> None:
    data = b"x"
    for _ in range(5):
        data = archive(next__zip=data, here__txt=b"text")
    *_, last = LOADERS.load(RawFile("all.zip", data), Limits())
    read = list(LOADERS.load(RawFile("all.zip", data), Limits()))
    assert any(isinstance(each, Unread) and "too deep" in each.reason for each in read)
    assert isinstance(last, Loaded)


def test_a_request_and_its_reply_cross_unchanged() -> None:
    request = Request("odd \udcff\nname.txt", Limits(pages=3), known="x", data=4)
    assert request_in(unpacked(packed(request_out(request))[8:])) == request
    reply = answer(LOADERS, Request("a.md", Limits()), "# Ü \x1b\n\ntext".encode())
    assert reply_in(unpacked(packed(reply_out(reply))[8:])) == reply
    assert reply.documents


def test_what_a_loader_did_not_foresee_is_the_fault_of_the_file() -> None:
    class Odd(LineLoader):
        def load(self, file: RawFile, limits: Limits) -> Iterator[Loaded]:
            raise KeyError("surprise")

    reply = answer(Loaders([Odd()]), Request("a.fake", Limits()), b"x")
    assert reply.failed is not None
    assert "surprise" in reply.failed.reason


def test_all_documents_of_a_file_may_hold_as_much_text_as_one() -> None:
    data = archive(a__txt=b"x" * 60, b__txt=b"x" * 60)
    reply = answer(LOADERS, Request("a.zip", Limits(characters=100)), data)
    assert reply.failed is not None
    assert reply.failed.code == TooLarge.code
