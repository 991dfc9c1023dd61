"""The peer for grouping: Drain3 with its defaults over a file of prompts, one line each."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from drain3 import TemplateMiner
from drain3.template_miner_config import TemplateMinerConfig


def group(texts: list[str]) -> list[int]:
    """The number of the group of each text."""
    miner = TemplateMiner(config=TemplateMinerConfig())
    return [miner.add_log_message(" ".join(text.split()))["cluster_id"] for text in texts]


if __name__ == "__main__":
    lines = Path(sys.argv[1]).read_text("utf-8").splitlines()
    group([json.loads(line)["text"] for line in lines])
