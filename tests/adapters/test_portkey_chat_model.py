from collections.abc import AsyncIterator

import pytest

from chats.keys import all_known
from promptuary.adapters.chat_models import portkey
from promptuary.adapters.chat_models._remote.model import RemoteChatModel
from promptuary.testing.chat_model import ChatModelContract
from promptuary.testing.fakes.chat_upstream import FakeChatUpstream


class TestPortkeyChatModel(ChatModelContract):
    @pytest.fixture
    async def chat_model(
        self, chatting: FakeChatUpstream, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[RemoteChatModel]:
        all_known(monkeypatch, chatting.address)
        opened = portkey.connect("portkey:small")
        yield opened
        await opened.aclose()
