from collections.abc import AsyncIterator

import pytest

from promptuary.adapters.embedders import openai
from promptuary.adapters.embedders._remote.client import RemoteEmbedder
from promptuary.testing.embedder import EmbedderContract
from promptuary.testing.fakes.upstream import FakeUpstream


class TestOpenaiEmbedder(EmbedderContract):
    @pytest.fixture
    async def embedder(
        self, fake: FakeUpstream, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[RemoteEmbedder]:
        monkeypatch.setenv("OPENAI_API_KEY", "secret")
        monkeypatch.setenv("OPENAI_BASE_URL", fake.url)
        monkeypatch.setenv("PORTKEY_BASE_URL", fake.url)
        monkeypatch.setenv("OLLAMA_HOST", fake.url.removesuffix("/v1"))
        opened = openai.connect("openai:small?dim=16")
        yield opened
        await opened.aclose()
