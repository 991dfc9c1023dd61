from promptuary.answering.citing import choose, cite, worded
from promptuary.answering.question import read
from promptuary.domain.answers import Citation

from .shelf import BRIDGE, FERRY, LIMITS, SETUP, passage, weighed


def cited(question: str, *passages: object, sentences: int = 1) -> tuple[str, tuple[Citation, ...]]:
    evidence = weighed(question, *passages)  # type: ignore[arg-type] # passages, as in `weighed`
    chosen = choose(read(question), evidence, sentences)
    return worded(chosen), cite(chosen)


def test_a_quote_is_the_documents_own_characters() -> None:
    document = f"Some words before.\n\n{BRIDGE}"
    start = document.index(BRIDGE)
    text, (one,) = cited("When was it opened?", passage("bridge", BRIDGE, start=start, line=3))
    assert one.quote == document[one.start : one.end]
    assert text == one.quote == "It was opened in 1934 after six years of work."
    assert (one.rank, one.line, one.source) == (1, 3, "bridge.md")


def test_the_line_is_that_of_the_quote() -> None:
    _, (one,) = cited("How long is the old record kept?", passage("setup", SETUP, line=10))
    assert one.quote == "The old record is kept for seven days."
    assert one.line == 10 + 8


def test_two_sentences_of_one_passage_stand_in_its_order() -> None:
    asked = "Which ferry lies in the museum, and did the ferry stop running?"
    text, citations = cited(asked, passage("ferry", FERRY), sentences=2)
    assert [each.rank for each in citations] == [1, 2]
    assert {each.quote[:9] for each in citations} == {"The ferry", "The last "}
    assert text.startswith("The ferry stopped")
    assert text.endswith("of the harbour.")


def test_a_row_is_said_with_the_names_of_its_columns() -> None:
    text, (one,) = cited("What is the upload size?", passage("limits", LIMITS))
    assert text == "Limits: Limit: upload size; Default: 40; Unit: MiB"
    assert one.quote == "| upload size | 40 | MiB |"


def test_a_row_whose_head_stands_in_an_earlier_passage_is_said_with_it_too() -> None:
    rows = passage(
        "limits",
        "| upload size | 40 | MiB |\n| lamp posts | 7 | pieces |",
        headings=("Limits", "| Limit | Default | Unit |"),
    )
    text, (one,) = cited("What is the upload size?", rows)
    assert text == "Limits: Limit: upload size; Default: 40; Unit: MiB"
    assert one.quote == "| upload size | 40 | MiB |"


def test_a_sentence_that_introduces_a_list_brings_it_along() -> None:
    text, (one,) = cited("How do I move to another record?", passage("setup", SETUP))
    assert one.quote.startswith("To move to another record, follow these steps:")
    assert one.quote.endswith("3. Start the server again.")
    assert "2. Copy the record" in text


def test_steps_are_preferred_where_it_is_asked_how_to_do_something() -> None:
    text = "Copying the record is safe.\n\n1. Stop the server.\n2. Copy the record.\n"
    _, (one,) = cited("How do I copy the record?", passage("copying", text))
    assert one.quote == "1. Stop the server.\n2. Copy the record."


def test_the_whole_list_is_cited_where_one_is_asked_for() -> None:
    _, (one,) = cited("What are the steps to copy the record?", passage("setup", SETUP))
    assert "1. Stop the server." in one.quote
    assert "3. Start the server again." in one.quote


def test_the_same_words_are_not_cited_twice() -> None:
    twice = passage("one", BRIDGE), passage("two", BRIDGE)
    _, citations = cited("When was the bridge opened?", *twice, sentences=2)
    assert len({each.quote for each in citations}) == len(citations)
