"""The fake store of older prompts keeps the contract."""

from __future__ import annotations

import pytest

from promptuary.testing.fakes.prompt_archive import MemoryPromptArchive
from promptuary.testing.prompt_archive import PromptArchiveContract


class TestMemoryPromptArchive(PromptArchiveContract):
    @pytest.fixture
    def archive(self):
        return MemoryPromptArchive()
