"""The parts of the older conversation service, as a program of its time uses them."""

from __future__ import annotations

import pytest

from promptuary.compat import conversation as older
from promptuary.domain.errors import NotFound

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
EVENTS = [
    {"event_id": f"e{n}", "camera_id": "gate" if n < 3 else "vault", "label": "person",
     "timestamp": f"2025-05-1{n}T10:00:00Z", "description": f"a person with crate {n}",
     "confidence": 0.5 + n / 10, **({"clip": "/clips/e0.mp4"} if n == 0 else {})}
    for n in range(5)
]  # fmt: skip


@pytest.fixture
def home(tmp_path, monkeypatch):
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "e0.mp4").write_bytes(b"film")
    monkeypatch.setenv("PROMPTUARY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PROMPTUARY_CLIP_STORE", f"folder:{tmp_path / 'clips'}")
    older.opened().conversation.add_events(EVENTS)
    yield
    older.close()


async def test_the_old_client_finds_every_name_with_its_members(home):
    manager = older.ConversationManager(None)
    made = await manager.create_conversation("ada", {"timezone": "UTC"})
    assert set(made) == {
        "id", "user_id", "created_at", "last_activity", "context", "message_count", "status"
    }  # fmt: skip
    key = made["id"]
    await manager.add_message(key, "user", "how many people on 10 May 2025?")
    said = await manager.add_message(
        key, "assistant", "1", {"confidence": 0.9, "evidence_count": 1}
    )
    first, last = await manager.get_recent_messages(key)
    assert (first["role"], first["content"]) == ("user", "how many people on 10 May 2025?")
    assert (last["id"], last["metadata"]) == (said, {"confidence": 0.9, "evidence_count": 1})
    assert [each["id"] for each in await manager.get_recent_messages(key, limit=1)] == [said]
    kept = await manager.get_conversation(key)
    assert (kept["message_count"], kept["context"]) == (2, {"timezone": "UTC"})
    assert await manager.get_conversation(key, "eve") is None
    again = await older.ConversationManager().get_conversation(key)
    assert (again["user_id"], again["message_count"], again["context"]) == ("ada", 2, {})
    assert await manager.delete_conversation(key) is True
    assert await manager.delete_conversation(key) is False
    assert await manager.get_conversation(key) is None


def test_answers_are_exact_and_in_the_light_of_the_history(home):
    history = [{"role": "user", "content": "How many people on 10 May 2025?"}]
    said = older.generate_conversational_response("and on 14 May 2025?", history, [{"x": 1}])
    assert set(said) == {"response", "type", "confidence", "evidence_ids", "metadata"}
    assert (said["type"], said["evidence_ids"]) == ("answer", ["e4"])
    none = older.generate_conversational_response("why did the people come?", [], [])
    assert (none["type"], none["metadata"]["refused"]) == ("clarification", True)
    asked = older.generate_follow_up_questions("How many people on 10 May 2025?", "", [], [])
    assert asked
    assert all(isinstance(each, str) for each in asked)
    assert older.opened().conversation.conversations(user="compat").items == ()


def test_events_are_searched_related_and_filtered(home):
    (best, *_) = older.semantic_search("crate 2")
    assert {"event_id", "event_type", "details", "description", "score"} <= set(best)
    span = {"start": "2025-05-13T00:00:00", "end": "2025-05-14T00:00:00Z"}
    where = {"camera_id": "vault", "event_type": "person_detected", "time_range": span}
    assert [each["event_id"] for each in older.semantic_search("crate", filters=where)] == ["e3"]
    assert older.semantic_search("crate", filters={"min_confidence": 0.95}) == []
    near = older.get_related_events("e3", ["semantic"])
    assert {each["relationship_type"] for each in near} == {"semantic"}
    assert older.get_related_events("none") == []


def test_links_are_given_where_there_is_a_recording_and_nowhere_else(home):
    link = older.get_clip_url("e0", 5, include_metadata=True)
    assert set(link) == {"url", "event_id", "expires_in_minutes", "source", "generated_at"}
    assert older.get_clip_url("e0")
    assert set(older.get_multiple_clip_urls(["e0", "e1", "none"])) == {"e0"}
    with pytest.raises(NotFound):
        older.get_clip_url("e1")
