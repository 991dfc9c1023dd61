import pytest

from promptuary.ports.unit_of_work import UnitOfWork
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork
from promptuary.testing.job_queue import JobQueueContract
from promptuary.testing.unit_of_work import UnitOfWorkContract


@pytest.fixture
def record() -> UnitOfWork:
    return MemoryUnitOfWork()


class TestFake(UnitOfWorkContract):
    pass


class TestFakeJobs(JobQueueContract):
    pass
