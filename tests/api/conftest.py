"""Homes with a server over them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from promptuary.app import Promptuary
from promptuary.settings import Settings

from .sites import PROMPTS, Site, serving


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop a module, so that a server can be shared by its tests."""
    return "asyncio"


@pytest.fixture(scope="session")
def mined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which two templates were found; copy it before you write."""
    home = tmp_path_factory.mktemp("mined")

    async def mine() -> None:
        async with await Promptuary.open(settings=Settings(home=home)) as promptuary:
            await promptuary.ingest(PROMPTS, batch_id="examples")

    asyncio.run(mine())
    return home


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """An empty one."""
    async with serving(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
async def mined_site(mined: Path, tmp_path: Path) -> AsyncIterator[Site]:
    """One that knows two templates."""
    home = shutil.copytree(mined, tmp_path / "home")
    async with serving(home) as opened:
        yield opened


@pytest.fixture(scope="module")
async def shared_site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One for all tests of a module: for those that do not mind what others have saved."""
    async with serving(tmp_path_factory.mktemp("shared")) as opened:
        yield opened


@pytest.fixture(scope="module")
async def known_site(mined: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One that knows two templates, for all tests of a module: nothing may be saved in it."""
    home = shutil.copytree(mined, tmp_path_factory.mktemp("known") / "home")
    async with serving(home) as opened:
        yield opened
