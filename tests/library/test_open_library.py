from pathlib import Path

import pytest

from promptuary import Promptuary
from promptuary.blocking import Promptuary as Blocking
from promptuary.domain.library import About, PromptContent


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_kept_prompt_is_in_the_index_until_it_is_archived(tmp_path: Path) -> None:
    async with await Promptuary.open(tmp_path) as promptuary:
        content = PromptContent("Dear {{ name }}, your money is on its way.", lazy_text="pay back")
        about = About("Refund letter", tags=("mail",), folder="support/mail")
        await promptuary.library.save("refund", content, about=about)
        for query in ("refund letter", "pay back", "money", "support mail"):
            (hit, *_) = (await promptuary.search(query, kinds=["library"])).hits
            assert hit.payload["slug"] == "refund"
        assert (await promptuary.search("refund letter")).hits == ()
        health = await promptuary.rebuild_index()
        assert health.entries == 1


@pytest.mark.slow
def test_the_face_that_waits_has_the_same_library(tmp_path: Path) -> None:
    with Blocking.open(str(tmp_path)) as promptuary:
        promptuary.library.save("a", "One", labels=["production"])
        kept = promptuary.library.get("a", label="production")
    with Blocking.open(str(tmp_path)) as promptuary:
        again = promptuary.library.get("a", label="production")
        assert again.version == kept.version
        assert again.prompt.usage_count == 1
