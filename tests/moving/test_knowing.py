"""What a comparison remembers of both sides: only what stayed as it was is not read again."""

from __future__ import annotations

from dataclasses import replace

from promptuary.domain.library import Standing
from promptuary.domain.older_prompts import OlderPrompt, OlderSaid
from promptuary.library.older_prompts import digest_of, write_older
from promptuary.moving.prompts.knowing import Known
from promptuary.testing.samples import an_id, moment

SAID = OlderSaid("Say something.", detected_topics=("talk",))
STANDS = Standing(an_id("a"), "smartprompt/7", "", 3, False, moment(1))


def test_what_is_known_holds_for_the_same_bytes_and_the_same_revision_alone():
    known = Known()
    for said in (SAID, replace(SAID, text="Say another thing."), SAID):
        assert known.there(OlderPrompt("7", write_older(said))) == digest_of(said)
    assert known.there(OlderPrompt("7", b"{broken")) is None
    assert known.here("7", STANDS) is None
    known.learn("7", STANDS.revision, STANDS.updated_at, digest_of(SAID))
    assert known.here("7", STANDS) == digest_of(SAID)
    for other in (replace(STANDS, revision=4), replace(STANDS, updated_at=moment(2))):
        assert known.here("7", other) is None
    assert known.here("8", STANDS) is None
