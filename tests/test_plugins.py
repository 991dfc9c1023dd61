import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints
from types import ModuleType

import pytest

from promptuary import plugins
from promptuary.adapters.caches.memory import MemoryCache
from promptuary.adapters.indexes.memory import MemoryIndex
from promptuary.domain.errors import Misconfigured, MissingExtra
from promptuary.domain.vectors import Space
from promptuary.plugins import open_cache, open_embedder, open_index, open_unit_of_work, schemes


@pytest.mark.anyio
async def test_a_scheme_opens_the_adapter_of_that_name() -> None:
    assert isinstance(await open_cache("memory:"), MemoryCache)
    assert isinstance(await open_index("memory:", space=Space("s", 2, "s")), MemoryIndex)


@pytest.mark.anyio
@pytest.mark.parametrize("url", ["MEMORY:", "memory+driver:"])
async def test_case_and_driver_of_a_scheme_do_not_matter(url: str) -> None:
    assert isinstance(await open_cache(url), MemoryCache)


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("postgres://host/db", "postgresql"),
        ("postgresql+asyncpg://host/db", "postgresql"),
        ("rediss://host", "redis"),
        ("two-words:x", "two_words"),
    ],
)
def test_other_spellings_name_the_same_adapter(url: str, scheme: str) -> None:
    assert plugins._scheme(url) == scheme


@pytest.mark.anyio
async def test_an_unknown_scheme_lists_the_known_ones() -> None:
    with pytest.raises(Misconfigured, match=r"'mongo:'.*edge:.*memory:"):
        await open_index("mongo://host", space=Space("s", 2, "s"))


@pytest.mark.anyio
@pytest.mark.parametrize("url", ["", "memory", "/a/path", "1two:", "_hidden:", "a b:c"])
async def test_what_is_no_url_is_refused_without_repeating_a_secret(url: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        await open_unit_of_work(f"{url}//user:secret@host" if url and ":" in url else url)
    assert "secret" not in str(raised.value)


def test_schemes_are_listed_without_opening_any() -> None:
    assert {"edge", "memory"} <= set(schemes("indexes"))
    assert {"memory", "redis", "sqlite"} <= set(schemes("caches"))


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A package that adds a cache with an asynchronous `connect` under the scheme `outside`."""
    module = ModuleType("outside_cache")

    async def connect(url: str) -> str:
        return f"opened {url}"

    module.connect = connect
    monkeypatch.setitem(sys.modules, module.__name__, module)
    found = EntryPoints([
        EntryPoint("outside", "outside_cache", "promptuary.caches"),
        EntryPoint("memory", "outside_cache", "promptuary.caches"),
    ])  # fmt: skip
    monkeypatch.setattr(plugins, "entry_points", found.select)
    return module


@pytest.mark.anyio
async def test_a_package_adds_an_adapter_by_entry_point(outside: ModuleType) -> None:
    assert await open_cache("outside:here") == "opened outside:here"
    assert "outside" in schemes("caches")


@pytest.mark.anyio
async def test_a_package_cannot_replace_an_adapter_of_ours(outside: ModuleType) -> None:
    assert isinstance(await open_cache("memory:"), MemoryCache)


@pytest.mark.anyio
async def test_a_missing_vendor_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "promptuary.adapters.caches.redis", raising=False)
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(MissingExtra, match=r"promptuary\[redis\]"):
        await open_cache("redis://host")


def test_no_vendor_is_imported_before_its_url_is_opened() -> None:
    code = (
        "import sys, promptuary.plugins;"
        "print({'qdrant_edge', 'tokenizers', 'redis', 'sqlalchemy'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.anyio
async def test_what_an_adapter_refuses_is_passed_on() -> None:
    with pytest.raises(Misconfigured, match="static:"):
        await open_embedder("static:something")
