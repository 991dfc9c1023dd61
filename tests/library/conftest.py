from collections.abc import AsyncIterator

import pytest

from promptuary.library.face import Library
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork


@pytest.fixture
def record() -> UnitOfWork:
    return MemoryUnitOfWork()


@pytest.fixture
async def library(record: UnitOfWork) -> AsyncIterator[Library]:
    library = Library(record, HandClock(), lambda: None)
    yield library
    await library.aclose()
