from collections.abc import AsyncIterator

import pytest

from chats.keys import all_known
from promptuary.adapters.chat_models import http
from promptuary.adapters.chat_models._remote.model import RemoteChatModel
from promptuary.testing.chat_model import ChatModelContract
from promptuary.testing.fakes.chat_upstream import FakeChatUpstream


class TestHttpChatModel(ChatModelContract):
    @pytest.fixture
    async def chat_model(
        self, chatting: FakeChatUpstream, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[RemoteChatModel]:
        all_known(monkeypatch, chatting.address)
        opened = http.connect(f"{chatting.url}?model=small")
        yield opened
        await opened.aclose()
