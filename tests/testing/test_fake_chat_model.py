import pytest

from promptuary.domain.chats import Message, Usage
from promptuary.domain.errors import Unavailable
from promptuary.testing.chat_model import ChatModelContract
from promptuary.testing.fakes.chat_model import FakeChatModel


class TestFake(ChatModelContract):
    @pytest.fixture
    def chat_model(self) -> FakeChatModel:
        return FakeChatModel()


@pytest.mark.anyio
async def test_it_says_what_it_was_told_to_and_then_repeats() -> None:
    fake = FakeChatModel("first", Unavailable("away"))
    asked = [Message("user", "so what")]
    assert (await fake.reply(asked)).text == "first"
    with pytest.raises(Unavailable):
        await fake.reply(asked)
    assert (await fake.reply(asked)).text == "so what"


@pytest.mark.anyio
async def test_it_can_fail_in_the_middle() -> None:
    pieces = FakeChatModel(("one two", Unavailable("cut"))).stream([Message("user", "x")])
    assert [(await anext(pieces)).text for _ in range(2)] == ["one", " two"]
    with pytest.raises(Unavailable):
        await anext(pieces)


def test_usages_add_up_and_an_unknown_cost_stays_unknown() -> None:
    assert Usage(1, 2, 0.5) + Usage(3, 4, 0.25) == Usage(4, 6, 0.75)
    assert (Usage(1, 2, 0.5) + Usage(3, 4)).cost is None
