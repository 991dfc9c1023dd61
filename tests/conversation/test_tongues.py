"""Greetings, trends and what was noticed, in the language of the question."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from conversation.guarded import HARBOUR, NOW, ZONE, event, understood
from promptuary.conversation.executing import Asking
from promptuary.conversation.face import Conversing
from promptuary.conversation.insights.calendar import Calendar
from promptuary.conversation.tongues import LANGUAGES, noticed, tongue
from promptuary.domain.insights import Notice
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork

pytestmark = pytest.mark.anyio
BURST = Notice(
    id="b", type="burst", severity="high", camera_id="gate_w", label="car", zone="",
    message="West Gate: 9 events of car.", check="Look.", start=NOW, end=NOW, detected_at=NOW,
    ongoing=True, expected=1.5, observed=9.0, measured="events", p_value=1e-6, evidence_ids=(),
)  # fmt: skip
HUM = {"de": "ist alles in Ordnung?", "es": "¿todo está bien?", "tr": "her şey yolunda mı?"}


@pytest.fixture
async def face() -> Conversing:
    made = Conversing(
        MemoryUnitOfWork(), HandClock(NOW), "Europe/Lisbon", timedelta(days=7), Calendar()
    )
    await made.describe_cameras(HARBOUR.cameras)
    await made.add_events([event(n, hours=26 + n / 10) for n in range(10)])
    await made.add_events([event(100 + n, hours=2 + n / 30) for n in range(30)])
    return made


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Guten Morgen!", "Die Kameras sind: Last Mile Depot"),
        ("was kannst du?", "Fragen Sie, was wo und wann gesehen wurde: wie viele"),
        ("¡Buenos días!", "Las cámaras son: Last Mile Depot"),
        ("Günaydın", "Kameralar: Last Mile Depot"),
        ("und am West Gate?", "Davor wurde nichts gefragt"),
        ("ist das normal?", "Davor wurde nichts gefragt"),
        ("Wie viele Autos im Durchschnitt pro Tag am West Gate?", "Im Schnitt "),
        ("Wie viele Hunde gab es durchschnittlich pro Tag am West Gate?", "0 Hunde bei West Gate"),
    ],
)
async def test_what_is_said_in_another_language_is_answered_in_it(
    face: Conversing, question: str, said: str
) -> None:
    assert said in (await face.converse(question)).reply.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_notice_has_a_sentence_in_each_language(language: str) -> None:
    asking = Asking(HARBOUR, ZONE, NOW)
    plan = replace(understood("is everything all right?"), language=language)
    for kind in (
        "burst", "unusual_hour", "silence", "system_silence", "loitering", "new_label",
        "quality_drop",
    ):  # fmt: skip
        site = replace(BURST, type=kind, camera_id="*") if kind == "system_silence" else BURST
        text = noticed(plan, [replace(site, type=kind)], 9, asking) or ""
        assert "{" not in text
        assert kind == "system_silence" or "West Gate" in text
        assert "today" not in text
    beats = noticed(plan, [replace(BURST, type="silence", measured="heartbeats")], 9, asking)
    assert beats
    assert tongue(language).notices["calm"].split("{")[0] in str(noticed(plan, [], 9, asking))
    many = noticed(plan, [BURST] * 7, 9, asking)
    assert many
    assert tongue(language).notices["more"].format(n=2) in many


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
async def test_whether_all_is_well_is_answered_in_the_language_of_the_question(
    face: Conversing, language: str
) -> None:
    reply = (await face.converse(HUM[language])).reply
    assert reply.plan
    assert (reply.plan.operation, reply.plan.language) == ("unusual", language)
    start = tongue(language).notices["calm" if not reply.value else "one"].split("{")[0]
    assert reply.text.startswith(start)
