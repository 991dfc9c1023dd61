"""Reading prompts out of files: every format, and every way in which a file can be broken."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.canon.reading import BadLine, Reading, ReadPrompt, open_file, read_prompts
from promptuary.domain.errors import InvalidInput

TEXTS = st.text(min_size=1).filter(lambda text: bool(text.strip()))


def read(data: bytes | str, name: str = "", **how: object) -> list[ReadPrompt | BadLine]:
    raw = data.encode() if isinstance(data, str) else data
    return list(read_prompts(io.BytesIO(raw), Reading(**how), name=name))  # type: ignore[arg-type]  # a stand-in


def texts(read: list[ReadPrompt | BadLine]) -> list[str]:
    return [each.prompt.text for each in read if isinstance(each, ReadPrompt)]


def troubles(read: list[ReadPrompt | BadLine]) -> list[tuple[int, str]]:
    return [(each.line, each.code) for each in read if isinstance(each, BadLine)]


@given(st.lists(TEXTS))
def test_whatever_was_written_as_json_lines_is_read_back(prompts: list[str]) -> None:
    lines = "".join(json.dumps({"text": text}) + "\n" for text in prompts)
    assert texts(read(lines, "a.jsonl")) == prompts


@given(st.lists(st.one_of(TEXTS, st.builds(lambda t: {"prompt": t}, TEXTS)), min_size=1))
def test_a_json_array_on_any_number_of_lines_gives_its_items(items: list[object]) -> None:
    wanted = [item if isinstance(item, str) else item["prompt"] for item in items]  # type: ignore[index]  # as JSON
    assert texts(read(json.dumps(items, indent=2), "a.json")) == wanted
    assert texts(read(json.dumps(items), "a.json")) == wanted


@given(st.binary())
def test_no_bytes_make_the_reader_fail(data: bytes) -> None:
    for name in ("auto", "jsonl", "txt", "openai-chat"):
        assert isinstance(read(data, format=name), list)


@given(st.text(alphabet='ab",;\n\r\t', max_size=60))
def test_any_table_is_read_or_refused_with_the_columns(body: str) -> None:
    assert isinstance(read(f"text,id\n{body}", "a.csv"), list)


def test_the_first_known_field_is_the_text_and_a_single_unknown_one_will_do() -> None:
    lines = [
        {"question": "q", "prompt": "p", "content": "c"},
        {"id": "1", "utterance": "u"},
        "bare",
    ]
    assert texts(read("\n".join(map(json.dumps, lines)))) == ["p", "u", "bare"]


def test_id_time_source_metadata_and_dataset_are_taken_over() -> None:
    record = {
        "custom_id": 7,
        "text": "t",
        "timestamp": 1767225600,
        "source": "web",
        "metadata": {"user": {"plan": "free"}, "tags": ["a"], "none": None, "n": 2},
        "dataset": "d",
    }
    (found,) = read(json.dumps(record))
    assert isinstance(found, ReadPrompt)
    assert (found.prompt.id, found.prompt.source, found.dataset) == ("7", "web", "d")
    assert found.prompt.created_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert found.prompt.metadata == {"user.plan": "free", "tags": '["a"]', "n": 2}


@pytest.mark.parametrize(
    "stamp", ["2026-01-01T00:00:00Z", "2026-01-01", "1767225600", 1767225600000, 1767225600.0]
)
def test_times_are_iso_or_seconds_or_milliseconds(stamp: object) -> None:
    (found,) = read(json.dumps({"text": "t", "created_at": stamp}))
    assert isinstance(found, ReadPrompt)
    assert found.prompt.created_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_time_that_is_none_is_reported_and_not_guessed() -> None:
    assert troubles(read('{"text": "t", "created_at": "yesterday"}')) == [(1, "INVALID_TIME")]


def test_malformed_json_in_the_middle_is_reported_with_its_line_and_the_rest_goes_on() -> None:
    found = read('{"text": "a"}\n{"text": "b"\n\n[1]\n{"n": 1}\n{"text": "c"}\n')
    assert texts(found) == ["a", "c"]
    assert troubles(found) == [(2, "INVALID_JSON"), (4, "NO_TEXT"), (5, "NO_TEXT")]


def test_a_broken_item_of_an_array_is_reported_and_the_rest_goes_on() -> None:
    found = read('[\n"a",\n{"text" "b"},\n"c, ]\\"}", "d"\n]')
    assert texts(found) == ["a", 'c, ]"}', "d"]
    assert troubles(found) == [(3, "INVALID_JSON")]


def test_an_array_that_is_cut_off_gives_what_it_has_and_says_so() -> None:
    found = read('[{"text": "a"}, {"text": "b"')
    assert texts(found) == ["a"]
    assert troubles(found) == [(1, "INVALID_JSON")]


def test_invalid_utf8_is_reported_with_its_line_and_the_rest_goes_on() -> None:
    found = read(b'{"text": "a"}\n{"text": "\xff"}\n{"text": "\xc3\xa9"}\n')
    assert texts(found) == ["a", "é"]
    assert troubles(found) == [(2, "INVALID_UTF8")]


def test_marks_and_line_endings_of_every_system_are_understood() -> None:
    assert texts(read(b"\xef\xbb\xbfa\r\nb\rc\n\n\nd")) == ["a", "b", "c", "d"]
    assert texts(read('{"text": "é"}\r\n'.encode("utf-16"))) == ["é"]


def test_an_ending_split_between_two_chunks_is_one_ending() -> None:
    line = b"x" * 65_535 + b"\r\n"
    assert [each.line for each in read(line + b"y", format="txt")] == [1, 2]  # type: ignore[union-attr]  # prompts only


def test_nul_zero_width_and_right_to_left_come_through_as_they_are() -> None:
    wanted = ["a\x00b", "x\u200by", "\u202eabc", "شكرا"]
    assert texts(read("\n".join(wanted), format="txt")) == wanted


def test_gzip_is_unpacked_and_a_cut_off_one_is_reported() -> None:
    packed = gzip.compress(b'{"text": "a"}\n') + gzip.compress(b'{"text": "b"}\n')
    assert texts(read(packed)) == ["a", "b"]
    assert troubles(read(packed[:-6])) == [(3, "DAMAGED_FILE")]


def test_a_line_over_the_limit_is_refused_without_being_held() -> None:
    class Endless(io.RawIOBase):
        served = 0

        def read(self, size: int = -1) -> bytes:
            self.served += size
            return b"x" * size if self.served < 50_000_000 else b""

    found = list(read_prompts(Endless(), Reading("jsonl", line_bytes=1000)))  # type: ignore[arg-type]  # a stand-in
    assert troubles(found) == [(1, "LINE_TOO_LONG")]
    after = read(b"x" * 300_000 + b'\n{"text": "y"}', format="jsonl", line_bytes=1000)
    assert (texts(after), troubles(after)) == (["y"], [(1, "LINE_TOO_LONG")])


def test_json_nested_beyond_reason_is_one_bad_line() -> None:
    found = read('"a"\n' + "[" * 100_000 + '\n"b"')
    assert (texts(found), troubles(found)) == (["a", "b"], [(2, "INVALID_JSON")])


def test_a_table_keeps_line_breaks_in_cells_and_counts_lines_of_the_file() -> None:
    found = read('id;text\n1;"two\nlines; x"\n2;"bro"ken\n3;"a ""quote"""\n4;a;b\n5;last\n')
    assert texts(found) == ["two\nlines; x", 'a "quote"', "last"]
    assert troubles(found) == [(4, "INVALID_ROW"), (6, "INVALID_ROW")]
    assert [each.line for each in found if isinstance(each, ReadPrompt)] == [2, 5, 7]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_of_a_table_is_found(separator: str) -> None:
    table = separator.join(["id", "prompt"]) + "\n" + separator.join(["1", "hello"])
    assert texts(read(table)) == ["hello"]


def test_a_table_without_the_column_is_refused_with_the_columns_there_are() -> None:
    with pytest.raises(InvalidInput, match="'x', 'y'"):
        read("x,y\n1,2\n", "a.csv")
    with pytest.raises(InvalidInput, match="no column 'z'"):
        read("x,text\n1,2\n", "a.csv", text_field="z")
    assert texts(read("x,y\n1,2\n", "a.csv", text_field="y")) == ["2"]


def test_a_broken_byte_in_a_table_costs_only_its_row() -> None:
    found = read(b"id,text\n1,\xff\n2,b\n", "a.csv")
    assert (texts(found), troubles(found)) == (["b"], [(2, "INVALID_UTF8")])
    found = read(b'id,text\n1,"a"\xff\n2,b\n', "a.csv")
    assert (texts(found), troubles(found)) == (["b"], [(2, "INVALID_ROW")])


def test_a_nested_field_is_named_by_its_path() -> None:
    line = json.dumps({"request": {"prompt": "deep"}, "text": "shallow"})
    assert texts(read(line, text_field="request.prompt")) == ["deep"]
    assert troubles(read(line, text_field="request.none")) == [(1, "NO_TEXT")]


CALL = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "First?"},
        {"role": "assistant", "content": "Answer."},
        {"role": "user", "content": [{"type": "text", "text": "Second?"}, {"type": "image_url"}]},
    ]
}


def test_a_chat_is_its_system_messages_and_the_last_question() -> None:
    joined = "System:\nBe brief.\n\nUser:\nSecond?"
    assert texts(read(json.dumps(CALL))) == [joined]
    assert texts(read(json.dumps({"custom_id": "a", "body": CALL}), format="openai-batch")) == [
        joined
    ]
    alone = {"messages": [{"role": "user", "content": "Only this."}]}
    assert texts(read(json.dumps(alone))) == ["Only this."]


def test_each_message_by_itself_gets_an_id_of_its_own() -> None:
    found = read(json.dumps({"id": "c", **CALL}), messages="each")
    assert texts(found) == ["Be brief.", "First?", "Second?"]
    ids = [each.prompt.id for each in found if isinstance(each, ReadPrompt)]
    assert ids == ["c:1", "c:2", "c:3"]


def test_a_line_may_be_a_bare_list_of_messages() -> None:
    line = json.dumps(CALL["messages"])
    joined = "System:\nBe brief.\n\nUser:\nSecond?"
    assert texts(read(f"{line}\n{line}\n")) == [joined, joined]
    assert texts(read(f"[{line},\n{line}]")) == [joined, joined]


def test_an_array_on_one_endless_line_is_read_item_by_item() -> None:
    items = [f'say "{n}" \\ [{{' + "x" * 997 for n in range(300)]
    found = read(json.dumps(items), line_bytes=5_000)
    assert texts(found) == items


def test_an_escape_split_between_two_chunks_is_one_escape() -> None:
    tail = ' said she, "no, [yes'
    items = ["x" * (65_535 - 2) + f'"{tail}', "b"]
    assert json.dumps(items)[65_535] == "\\"
    assert texts(read(json.dumps(items))) == items


def test_responses_and_completions_in_a_batch_are_understood() -> None:
    bodies = [{"instructions": "Be kind.", "input": "Hi"}, {"prompt": "Once"}, {"input": ["a"]}]
    lines = "\n".join(json.dumps({"custom_id": str(n), "body": b}) for n, b in enumerate(bodies))
    wanted = ["System:\nBe kind.\n\nUser:\nHi", "Once", "a"]
    assert texts(read(lines, format="openai-batch")) == wanted


def test_a_chat_log_without_messages_is_reported() -> None:
    assert troubles(read('{"text": "x"}', format="openai-chat")) == [(1, "NO_TEXT")]


def test_text_may_have_a_line_between_its_prompts() -> None:
    found = read("a\nb\n---\n\n---\nc\n", format="txt", separator="---")
    assert texts(found) == ["a\nb", "c"]
    assert texts(read("a\nb\n\n\nc\n", format="txt", separator="")) == ["a\nb", "c"]


@pytest.mark.parametrize("nothing", [b"", b"\n\n  \n", b"[]", b"\xef\xbb\xbf"])
def test_an_empty_file_gives_nothing(nothing: bytes) -> None:
    assert read(nothing) == []


def test_reading_begins_before_the_end_is_known() -> None:
    def lines() -> Iterator[bytes]:
        yield b'{"text": "a"}\n' * 10_000
        raise AssertionError("read too far")

    class Stream(io.RawIOBase):
        source = lines()

        def read(self, size: int = -1) -> bytes:
            return next(self.source)

    first = next(read_prompts(Stream()))  # type: ignore[arg-type]  # a stand-in
    assert isinstance(first, ReadPrompt)


def test_a_folder_and_a_missing_file_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is a folder"):
        open_file(tmp_path)
    with pytest.raises(InvalidInput, match="there is no file"):
        open_file(tmp_path / "nothing")
