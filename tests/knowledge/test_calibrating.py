import json
from pathlib import Path

import pytest

from promptuary.answering.confidence import shipped
from promptuary.domain.errors import Misconfigured
from promptuary.knowledge.calibrating import FILE, Calibrated, calibration_for, carry_over, keep
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork

pytestmark = pytest.mark.anyio
FOUND = Calibrated("notes", 40, 20, 0.5, -1.0, 0.2, 0.05)


async def test_a_collection_keeps_its_own_and_others_the_shipped_one() -> None:
    record = MemoryUnitOfWork()
    await keep(record, FOUND)
    own = await calibration_for(record, shipped(), "notes")
    assert (own.slope, own.shift) == (0.5, -1.0)
    assert (own.about, own.answered) == (shipped().about, shipped().answered)
    assert await calibration_for(record, shipped(), "other") == shipped()
    assert await calibration_for(record, shipped(), None) == shipped()
    assert own.again(0.5) == pytest.approx(0.2689, abs=1e-4)


async def test_what_an_earlier_version_kept_in_a_file_is_carried_over_once(tmp_path: Path) -> None:
    kept = {"notes": {"slope": 9.0, "shift": 9.0}, "other": {"slope": 2, "shift": 0.25}}
    (tmp_path / FILE).write_text(json.dumps(kept))
    record = MemoryUnitOfWork()
    await keep(record, FOUND)
    await carry_over(tmp_path, record)
    await carry_over(tmp_path, record)
    other = await calibration_for(record, shipped(), "other")
    assert (other.slope, other.shift) == (2.0, 0.25)
    assert (await calibration_for(record, shipped(), "notes")).slope == 0.5
    assert not (tmp_path / FILE).exists()


async def test_a_damaged_file_says_what_to_do_and_stays(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"notes": {"slope": "steep"}}')
    with pytest.raises(Misconfigured, match="calibrate again"):
        await carry_over(tmp_path, MemoryUnitOfWork())
    assert (tmp_path / FILE).exists()
