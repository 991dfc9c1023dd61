"""TLS by an authority of one's own: PostgreSQL speaks it itself, the others behind a gate."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from databases import administer, url_of
from engines import certificates, weaviate
from engines.breaking import strangers
from engines.indexes import forget, fresh
from promptuary.domain.errors import Misconfigured, Unsupported
from promptuary.plugins import open_index
from promptuary.testing.index import SPACE, sample
from servers import Server

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificates.written(tmp_path_factory.mktemp("tls"))


async def works(url: str, certificate: Path) -> None:
    """An index is written and read by TLS, and not without the authority, nor with another one."""
    own = f"{url}{'&' if '?' in url else '?'}ca={certificate}"
    index = await open_index(own, space=SPACE)
    await index.put(sample(3))
    assert await index.count() == 3
    await index.aclose()
    (certificate.parent / "other").mkdir(exist_ok=True)
    certificates.written(certificate.parent / "other")
    for wrong in ("other/tests.pem", "nothing.pem"):
        with pytest.raises(Misconfigured, match="ca"):
            await open_index(own.replace("tests.pem", wrong), space=SPACE)


@pytest.fixture
async def encrypting_postgresql(
    postgresql_server: Server, certificate: Path
) -> AsyncIterator[Server]:
    kept = Path(shutil.copy(certificate, postgresql_server.home / "tests.pem"))
    owner = postgresql_server.home.stat()
    shutil.chown(kept, owner.st_uid, owner.st_gid)
    port = postgresql_server.port
    for setting, value in (("ssl_cert_file", kept), ("ssl_key_file", kept), ("ssl", "on")):
        await administer(port, f"ALTER SYSTEM SET {setting} = '{value}'")
    await encrypts(port, "on")
    yield postgresql_server
    await administer(port, "ALTER SYSTEM RESET ALL")
    await encrypts(port, "off")


async def encrypts(port: int, state: str) -> None:
    """Have a PostgreSQL read its settings; return when new connections find them so."""
    await administer(port, "SELECT pg_reload_conf()")
    while True:
        asked = await asyncpg.connect(url_of(port, "record"))
        told = await asked.fetchval("SHOW ssl")
        await asked.close()
        if told == state:
            return


@pytest.mark.parametrize("postgresql_server", ["debian"], indirect=True)
async def test_postgresql_by_tls(encrypting_postgresql: Server, certificate: Path) -> None:
    where = f"pgvector://promptuary@127.0.0.1:{encrypting_postgresql.port}/record?schema=by_tls"
    await works(where, certificate)


@pytest.mark.filterwarnings("ignore:`verify=<str>` is deprecated")  # of its client's own
async def test_chroma_by_tls(chroma_server: Server, certificate: Path) -> None:
    with strangers.encrypting(chroma_server.port, certificate) as port:
        await works(f"chroma+https://127.0.0.1:{port}/by-tls", certificate)
        with pytest.raises(Misconfigured, match="ca"):
            await open_index(f"chroma+https://127.0.0.1:{port}/by-tls", space=SPACE)


async def test_weaviate_by_tls(weaviate_server: Server, certificate: Path) -> None:
    http, key = weaviate_server.port, weaviate.KEY
    with (
        strangers.encrypting(http, certificate) as port,
        strangers.encrypting(http + 1, certificate) as grpc,
    ):
        await works(f"weaviate://:{key}@127.0.0.1:{port}/By_tls?grpc={grpc}", certificate)


async def test_elasticsearch_by_tls(elasticsearch_server: Server, certificate: Path) -> None:
    await lucene_works("elasticsearch", elasticsearch_server.port, certificate)


async def test_opensearch_by_tls(opensearch_server: Server, certificate: Path) -> None:
    await lucene_works("opensearch", opensearch_server.port, certificate)


async def lucene_works(scheme: str, plain: int, certificate: Path) -> None:
    place = fresh(scheme, f"http://127.0.0.1:{plain}")
    with strangers.encrypting(plain, certificate) as port:
        await works(place.replace(str(plain), str(port)), certificate)
    forget(place)


async def test_qdrant_by_tls(certificate: Path) -> None:
    """A stand-in that knows its version and nothing else, as no registry carries the server."""
    known = {"/": {"title": "qdrant - vector search engine", "version": "1.16.0"}}
    with (
        strangers.speaking(known) as http,
        strangers.encrypting(http, certificate) as port,
        strangers.calling(certificate) as grpc,
    ):
        own = f"qdrant://127.0.0.1:{port}/x?grpc={grpc}&ca="
        with pytest.raises(Unsupported):  # what a call by gRPC was answered
            await open_index(f"{own}{certificate}", space=SPACE)
        with pytest.raises(Misconfigured, match="ca"):
            await open_index(f"{own}{certificate.with_name('nothing.pem')}", space=SPACE)
        for spoken in (grpc, 0):
            with pytest.raises(Misconfigured, match="ca"):
                await open_index(f"qdrant+https://127.0.0.1:{port}/x?grpc={spoken}", space=SPACE)
