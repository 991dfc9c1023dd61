import pytest

from promptuary.testing.fakes.moderator import WordModerator
from promptuary.testing.moderator import ModeratorContract


class TestWord(ModeratorContract):
    @pytest.fixture
    def moderator(self) -> WordModerator:
        return WordModerator("swordfish")

    @pytest.fixture
    def secret(self) -> str:
        return "swordfish"
