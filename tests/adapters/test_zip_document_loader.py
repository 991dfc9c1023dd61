from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest

from promptuary.adapters.document_loaders.zip import connect
from promptuary.domain.errors import TooLarge
from promptuary.domain.loading import Limits, Packed, RawFile, Unread
from promptuary.ports.document_loader import DocumentLoader
from promptuary.testing.document_loader import DocumentLoaderContract


def archive(**members: bytes) -> RawFile:
    """An archive of these members; `__` in a name stands for a dot."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in members.items():
            opened.writestr(name.replace("__", "."), data)
    return RawFile("all.zip", packed.getvalue())


class TestZip(DocumentLoaderContract):
    @pytest.fixture
    def loader(self) -> DocumentLoader:
        return connect("zip:")

    @pytest.fixture
    def sample(self) -> RawFile:
        return archive(a__md=b"# Bread and water", b__txt=b"Salt and yeast")

    @pytest.fixture
    def words(self) -> list[str]:
        return ["Bread", "Salt"]


def test_a_bomb_is_not_unpacked() -> None:
    bomb = archive(a__txt=b" " * 50_000_000)
    assert len(bomb.data) < 100_000
    with pytest.raises(TooLarge, match="unpacks to more"):
        list(connect("zip:").load(bomb, Limits()))


def test_what_all_members_unpack_to_is_counted_together() -> None:
    random = bytes(range(256)) * 8
    with pytest.raises(TooLarge):
        list(connect("zip:").load(archive(a=random, b=random), Limits(bytes=3_000)))


def test_too_many_members_are_refused() -> None:
    with pytest.raises(TooLarge, match="3 members"):
        list(connect("zip:").load(archive(a=b"", b=b"", c=b""), Limits(members=2)))


def test_an_encrypted_member_is_named_and_the_others_are_read() -> None:
    file = archive(a__txt=b"secret", b__txt=b"open")
    data = bytearray(file.data)
    data[6] |= 1  # the flags of the first member, in its own head and in the directory
    data[data.index(b"PK\x01\x02") + 8] |= 1
    locked, read = connect("zip:").load(replace(file, data=bytes(data)), Limits())
    assert isinstance(locked, Unread)
    assert "encrypted" in locked.reason
    assert read == Packed(RawFile("b.txt", b"open"))
