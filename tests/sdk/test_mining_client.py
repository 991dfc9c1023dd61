"""`client.traffic` and `client.moderation` are those of the library, done by a server."""

from __future__ import annotations

import inspect

import pytest

from promptuary import blocking
from promptuary.canon.moderating import Moderation
from promptuary.canon.traffic import Traffic
from promptuary.domain.errors import Conflict, NotFound, Unsupported
from promptuary.domain.prompts import IncomingPrompt
from promptuary.sdk import blocking as remote_blocking
from promptuary.sdk.mining import RemoteModeration, RemoteTraffic

from .faces import opened

METHODS = [
    (own, remote, name)
    for own, remote in ((Traffic, RemoteTraffic), (Moderation, RemoteModeration))
    for name in vars(remote)
    if not name.startswith("_")
]


@pytest.mark.parametrize(("own", "remote", "name"), METHODS)
def test_every_face_has_the_same_methods(own, remote, name):
    there = inspect.signature(getattr(remote, name))
    assert there == inspect.signature(getattr(own, name))
    for face in (blocking, remote_blocking):
        assert hasattr(getattr(face, own.__name__), name)


@pytest.mark.anyio
@pytest.mark.slow
async def test_a_server_exports_counts_and_reviews(mined, tmp_path):
    async with opened("remote", mined, tmp_path) as client:
        line = (await client.templates(sort="size")).items[0]
        assert (await client.traffic.export(line.id, "regex")).matched == line.size
        assert (await client.traffic.drift(line.id)).lineage_id == line.id
        view = await client.traffic.costs(model="openai/gpt-4o", limit=1)
        assert view.templates.items[0].counts.dollars > 0
        said = await client.moderation.check(["Charge 4111 1111 1111 1111.", *["Hello."] * 100])
        assert [at for at, verdict in enumerate(said) if not verdict.allowed] == [0]
        assert said[0].scores == {"pii": 1.0}
        assert await client.moderation.check([]) == []
        refused = await client.submit(IncomingPrompt("Charge the card 4111 1111 1111 1111."))
        assert [each.id for each in (await client.moderation.list()).items] == [refused.prompt.id]
        review = await client.moderation.reject(refused.prompt.id, reason="real")
        assert (review.decision, review.reason) == ("reject", "real")
        placed = await client.moderation.release(refused.prompt.id)
        assert placed.prompt.status == "safe"
        assert (await client.moderation.reviews()).total == 2
        with pytest.raises(Conflict):
            await client.moderation.release(refused.prompt.id)
        with pytest.raises(NotFound):
            await client.moderation.release("nowhere")
        with pytest.raises(Unsupported):
            await client.moderation.reject(refused.prompt.id, by="ana")
