from collections.abc import AsyncIterator

import pytest

from promptuary.adapters.units_of_work.postgresql import connect
from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.job_queue import JobQueueContract
from promptuary.testing.unit_of_work import UnitOfWorkContract

pytestmark = pytest.mark.server


@pytest.fixture
async def record(postgresql_url: str) -> AsyncIterator[UnitOfWork]:
    record = await connect(postgresql_url)
    yield record
    await record.aclose()


class TestPostgresql(UnitOfWorkContract):
    pass


class TestPostgresqlJobs(JobQueueContract):
    pass
