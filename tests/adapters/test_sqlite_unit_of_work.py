from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from promptuary.adapters.units_of_work.sqlite import connect
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.job_queue import JobQueueContract
from promptuary.testing.unit_of_work import UnitOfWorkContract


@pytest.fixture
async def record(tmp_path: Path) -> AsyncIterator[UnitOfWork]:
    record = await connect(f"sqlite:///{tmp_path}/record.db")
    yield record
    await record.aclose()


class TestSqlite(UnitOfWorkContract):
    pass


class TestSqliteJobs(JobQueueContract):
    pass
