from pathlib import Path

import pytest

from promptuary.answering.confidence import shipped
from promptuary.domain.errors import Misconfigured
from promptuary.knowledge.calibrating import FILE, Calibrated, calibration_for, keep

FOUND = Calibrated("notes", 40, 20, 0.5, -1.0, 0.2, 0.05)


def test_a_collection_keeps_its_own_and_others_the_shipped_one(tmp_path: Path) -> None:
    keep(tmp_path, FOUND)
    own = calibration_for(tmp_path, shipped(), "notes")
    assert (own.slope, own.shift) == (0.5, -1.0)
    assert own.weights == shipped().weights
    assert calibration_for(tmp_path, shipped(), "other") == shipped()
    assert calibration_for(tmp_path, shipped(), None) == shipped()
    assert own.again(0.5) == pytest.approx(0.2689, abs=1e-4)


def test_a_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"notes": {"slope": "steep"}}')
    with pytest.raises(Misconfigured, match="calibrate again"):
        calibration_for(tmp_path, shipped(), "notes")
