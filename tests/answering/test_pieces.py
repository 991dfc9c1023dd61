from hypothesis import given
from hypothesis import strategies as st

from promptuary.answering.pieces import LONGEST, pieces


def cut(text: str) -> list[tuple[str, str]]:
    return [(each.kind, text[each.start : each.end]) for each in pieces(text)]


def said(text: str) -> list[str]:
    return [quote for _, quote in cut(text)]


def test_a_full_stop_ends_a_sentence_and_one_of_an_abbreviation_does_not() -> None:
    text = "Dr. Hale met J. Roe, e.g. at 3.5 p.m. in the U.S. embassy. He left."
    assert said(text) == [
        "Dr. Hale met J. Roe, e.g. at 3.5 p.m. in the U.S. embassy.",
        "He left.",
    ]


def test_a_closing_quotation_mark_belongs_to_its_sentence() -> None:
    assert said('She said "No." Then she left.') == ['She said "No."', "Then she left."]
    assert said('"Why?" he asked. Nobody knew.') == ['"Why?" he asked.', "Nobody knew."]


def test_sentences_end_in_other_scripts_too() -> None:
    assert said("他来了。他走了！") == ["他来了。", "他走了！"]
    assert said("यह एक है। यह दो है।") == ["यह एक है।", "यह दो है।"]
    assert said("هل هو هنا؟ نعم") == ["هل هو هنا؟", "نعم"]


def test_lines_of_a_paragraph_are_one_text() -> None:
    assert said("It was opened\nin 1934. It\nstands.") == ["It was opened\nin 1934.", "It\nstands."]


def test_headings_items_and_rows_are_pieces_of_their_own() -> None:
    text = "# Top\nText.\n\n- one\n  more\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nEnd\n===\n"
    assert cut(text) == [
        ("heading", "# Top"),
        ("sentence", "Text."),
        ("item", "- one\n  more"),
        ("item", "- two"),
        ("row", "| 1 | 2 |"),
        ("heading", "End"),
    ]


def test_a_row_knows_its_header_and_an_item_what_introduces_it() -> None:
    text = "Needed are:\n\n* salt\n* oil\n\nname\tage\nRoe\t40\n"
    leads = [each.lead and text[slice(*each.lead)] for each in pieces(text)]
    assert leads == [None, "Needed are:", "Needed are:", None, "name\tage"]


def test_lines_of_named_values_are_rows() -> None:
    text = "what | price\nwhat: rye; price: 3.50\nwhat: oat; price: 4.20\n\nNote: buy; save."
    assert [kind for kind, _ in cut(text)] == ["row", "row", "row", "sentence"]


def test_code_stays_whole_and_knows_what_stands_above_it() -> None:
    text = "Run this:\n\n```sh\nlantern up\n\nlantern down\n```\nDone."
    code = pieces(text)[1]
    assert cut(text)[1] == ("code", "lantern up\n\nlantern down")
    assert code.lead is not None
    assert text[slice(*code.lead)] == "Run this:"
    assert said(text)[2] == "Done."


def test_a_sentence_without_end_is_cut() -> None:
    assert max(map(len, said("word " * 1_000))) <= LONGEST
    assert max(map(len, said("x" * 5_000))) <= LONGEST


@given(st.text(alphabet="aB1.!? \n\t|-#`*:;。\u0964\"'", max_size=300))
def test_pieces_keep_their_order_and_every_word(text: str) -> None:
    found = pieces(text)
    ends = [0, *(each.end for each in found)]
    assert all(each.start >= end for each, end in zip(found, ends, strict=False))
    assert all(text[e.start : e.end] == text[e.start : e.end].strip() != "" for e in found)
    assert all(each.lead is None or each.lead[1] <= each.start for each in found)
