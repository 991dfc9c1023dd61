from pathlib import Path
from typing import Any

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


@pytest.mark.slow
@pytest.mark.anyio
async def test_the_library_is_searched_under_filters_and_says_why(tmp_path: Path) -> None:
    async with await Promptuary.open(tmp_path) as promptuary:
        library = promptuary.library
        deploy = About("Deploy", tags=("ops", "yaml"), folder="ops/k8s")
        restarts = About("Restarts", tags=("ops",), folder="ops")
        for slug, text, about in (
            ("k8s", "Write a Kubernetes deployment for {{ app }}.", deploy),
            ("sql", "Explain a plan of {{ query }}.", About("Plan", domain="development")),
            ("pods", "Why does my Kubernetes pod restart?", restarts),
        ):
            await library.save(slug, text, about=about)
        await library.save("k8s", "Write a Kubernetes deployment.", tenant="other")
        await library.rate("pods", 5)
        await library.rate("k8s", 2)

        async def slugs(query: str, **where: Any) -> list[str]:
            return [str(h.payload["slug"]) for h in (await library.search(query, **where)).hits]

        assert set(await slugs("kubernetes")) >= {"k8s", "pods"}
        assert (await slugs("kubernets deploymnt"))[0] == "k8s"
        assert (await slugs("kub", prefix=True, mode="words"))[0] in {"k8s", "pods"}
        assert await slugs("kubernetes", tags=["ops", "yaml"]) == ["k8s"]
        assert await slugs("kubernetes", folder="ops/k8s") == ["k8s"]
        assert await slugs("kubernetes", domain="development", mode="words") == []
        assert await slugs("kubernetes", min_rating=4) == ["pods"]
        assert (await slugs("kubernetes", sort="rating"))[:2] == ["pods", "k8s"]
        answer = await library.search("kubernetes", facets=["tags"], limit=1)
        assert answer.facets["tags"] == {"ops": 2, "yaml": 1}
        assert "**Kubernetes**" in answer.hits[0].highlights["text"][0]
        assert answer.next_cursor is not None
        assert (await library.search("kubernetes", limit=1, cursor=answer.next_cursor)).hits
        await slugs("xylophone")
        await slugs("xylophone")
        (miss, *_) = (await library.misses()).items
        assert (miss.query, miss.count) == ("xylophone", 2)
        assert (await library.similar("pods")).hits[0].payload["slug"] == "k8s"
        await library.archive("k8s")
        assert "k8s" not in await slugs("kubernetes")
        assert await slugs("kubernetes", archived=True) == ["k8s"]
