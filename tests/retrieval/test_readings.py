from promptuary.retrieval import readings
from promptuary.retrieval.readings import Readings

TEXTS = ["The visa card.", "A card, a CARD", "", "Straße 退款"]


def test_a_text_is_read_as_its_words_in_order_the_same_each_time() -> None:
    known = Readings()
    for _ in range(2):
        numbers, words = known.read(TEXTS)
        assert [[words[number] for number in text] for text in numbers] == [
            ["the", "visa", "card"],
            ["a", "card", "a", "card"],
            [],
            ["strasse", "退", "款"],
        ]


def test_what_was_given_stays_true_when_everything_is_forgotten(monkeypatch) -> None:
    monkeypatch.setattr(readings, "RUNNING", 5)
    known = Readings()
    before, words = known.read(TEXTS)
    after, others = known.read(["card"])
    assert [others[number] for number in after[0]] == ["card"] == others
    assert [words[number] for number in before[0]] == ["the", "visa", "card"]
