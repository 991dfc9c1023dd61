import pytest

from promptuary.adapters.rerankers.lexical import LexicalReranker, connect
from promptuary.domain.errors import Misconfigured
from promptuary.testing.reranker import RerankerContract


class TestLexicalReranker(RerankerContract):
    @pytest.fixture
    def reranker(self) -> LexicalReranker:
        return connect("lexical:")


@pytest.mark.anyio
async def test_what_stands_together_beats_what_stands_apart() -> None:
    far = f"A refund is possible. {'Other things matter too. ' * 30} The order may be cancelled."
    near = "The order may be cancelled and a refund is possible."
    scores = await connect("lexical:").score("refund for a cancelled order", [far, near])
    assert scores[1] > scores[0] > 0


@pytest.mark.anyio
async def test_a_word_that_every_text_has_counts_less_than_a_rare_one() -> None:
    texts = ["order and size", "order and colour", "order and invoice", "the invoice alone"]
    scores = await connect("lexical:").score("order invoice", texts)
    assert scores[2] == max(scores)
    assert scores[3] > scores[0]


def test_it_takes_no_options() -> None:
    with pytest.raises(Misconfigured):
        connect("lexical:fast")
