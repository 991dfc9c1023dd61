from promptuary.retrieval import readings
from promptuary.retrieval.readings import Readings

TEXTS = ["The visa card.", "A card, a CARD", "", "Straße 退款"]


def test_a_text_is_read_as_its_words_in_order_the_same_each_time() -> None:
    known = Readings()
    for _ in range(2):
        reading = known.read(TEXTS)
        assert [[reading.words[number] for number in text] for text in reading.parts] == [
            ["the", "visa", "card"],
            ["a", "card", "a", "card"],
            [],
            ["strasse", "退", "款"],
        ]
        assert all(reading.words[number] == word for word, number in reading.numbers.items())


def test_what_was_given_stays_true_when_everything_is_forgotten(monkeypatch) -> None:
    monkeypatch.setattr(readings, "RUNNING", 5)
    known = Readings()
    before = known.read(TEXTS)
    after = known.read(["card"])
    assert [after.words[number] for number in after.parts[0]] == ["card"] == after.words
    assert [before.words[number] for number in before.parts[0]] == ["the", "visa", "card"]
