import pytest

from promptuary.answering.question import read


def test_only_words_that_say_something_count_and_each_once() -> None:
    question = read("What does the ferry do when ferries stop?")
    assert question.terms == ("ferry", "stop")


def test_a_question_of_nothing_but_small_words_keeps_them() -> None:
    assert read("What is it?").terms == ("what", "is", "it")


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("When was the bridge opened?", "time"),
        ("In which year did it close?", "time"),
        ("How many lighthouses are there?", "number"),
        ("What is the default port?", "number"),
        ("Who built the bridge?", "person"),
        ("In what city is it?", "place"),
        ("How do I cross the river?", "steps"),
        ("Why was it built?", "anything"),
        ("Wozu dient die Brücke?", "anything"),
    ],
)
def test_what_kind_of_thing_is_asked_for(text: str, asks: str) -> None:
    assert read(text).asks == asks


@pytest.mark.parametrize(
    ("text", "many"),
    [
        ("What are the steps to move?", True),
        ("Which formats can be read?", True),
        ("List all limits.", True),
        ("What is the limit?", False),
        ("Which year was it?", False),
    ],
)
def test_whether_a_list_is_asked_for(text: str, *, many: bool) -> None:
    assert read(text).wants_list is many


def test_numbers_names_and_denials_are_noticed() -> None:
    question = read("Why did Oda Rennick not build 1,200 bridges?")
    assert question.names == ("oda", "rennick")
    assert question.numbers == ("1200",)
    assert question.negated
    assert not read("Why is it so?").negated
