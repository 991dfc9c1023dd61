from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.domain.errors import InvalidInput
from promptuary.domain.filters import AllOf, AnyOf, Between, Eq, Exists, Filter, Not, OneOf
from promptuary.retrieval.filter_text import MAX_DEPTH, parse, write
from promptuary.testing.filters import filters


@given(wanted=filters(nan=False))
def test_a_filter_survives_being_written_and_read(wanted: Filter) -> None:
    read = parse(write(wanted))
    assert read == wanted
    assert repr(read) == repr(wanted)


@given(word=st.from_regex(r"[a-zé][a-zé0-9_-]*([./][a-z0-9_-]+)*", fullmatch=True))
def test_a_word_needs_no_quotes(word: str) -> None:
    assert parse(f"kind = x{word}") == parse(f'kind = "x{word}"') == Eq("kind", f"x{word}")


@given(
    time=st.datetimes(timezones=st.sampled_from([None, UTC, timezone(timedelta(hours=-9.5))])),
    exact=st.sampled_from(["minutes", "seconds"]),
)
def test_a_date_is_its_first_second(time: datetime, exact: str) -> None:
    written = time.isoformat(timespec=exact)
    wanted = datetime.fromisoformat(written)
    wanted = wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)
    assert parse(f"created >= {written}") == Between("created", wanted.timestamp())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            'kind = "template" and size >= 10 and not (source in ("api","csv"))',
            AllOf((
                Eq("kind", "template"), Between("size", 10), Not(OneOf("source", ("api", "csv"))),
            )),
        ),
        ("exists(tags)", Exists("tags")),
        ("kind=template and size>=3", AllOf((Eq("kind", "template"), Between("size", 3)))),
        ("source in (web, \"the app\", 7)", OneOf("source", ("web", "the app", 7))),
        ("alone = true and name = \"true\"", AllOf((Eq("alone", True), Eq("name", "true")))),
        ("created in 1970-01-02..1970-01-03", Between("created", 86_400, 172_800)),
        ("created = 1970-01-01T02:00+01:00", Eq("created", 3_600)),
        ("a = 1 or b = true and c != -2.5", AnyOf((
            Eq("a", 1), AllOf((Eq("b", True), Not(Eq("c", -2.5)))),
        ))),
        ("size > 1", AllOf((Between("size", 1), Not(Eq("size", 1))))),
        ("size in 1..20", Between("size", 1, 20)),
        ("size in ..2.5", Between("size", None, 2.5)),
        ("size in ..", Between("size")),
        ("created in ()", OneOf("created", ())),
        ('"weird field" = "say \\"hi\\""', Eq("weird field", 'say "hi"')),
        ("größe.in-cm <= 1e3", Between("größe.in-cm", None, 1000.0)),
        ("all() and any(a = 1)", AllOf((AllOf(()), AnyOf((Eq("a", 1),))))),
        ("order = 1 and inner = 2 and notes = 3", AllOf((
            Eq("order", 1), Eq("inner", 2), Eq("notes", 3),
        ))),
    ],
)  # fmt: skip
def test_a_filter_is_read_as_people_mean_it(text: str, wanted: Filter) -> None:
    assert parse(text) == wanted


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("", 1, "expected a field, found the end"),
        ("kind", 5, "expected one of"),
        ("kind = ", 8, "expected a value"),
        ("kind = or", 8, "expected a value"),
        ("created >= 2026-02-30", 12, "a date of the calendar"),
        ("created >= 2026-02-03x", 19, "nothing begins with"),
        ('kind = "template', 8, "does not end"),
        ("kind == 1", 7, "expected a value"),
        ("a = 1 b = 2", 7, "expected `and`, `or` or the end"),
        ("a in (1, 2", 11, "expected `,`"),
        ("(a = 1", 7, "expected `)`"),
        ("not", 4, "expected a field"),
        ("a >= x", 6, "expected a number or a date"),
        ("a = 1 and 'b' = 2", 11, "nothing begins with"),
        ('a = "\\q"', 5, "no JSON string"),
        ("a = " + "9" * 5000, 5, "a shorter number"),
        ("and = 1", 1, "expected a field"),
    ],
)
def test_an_error_says_where_and_what_was_expected(text: str, at: int, said: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        parse(text)
    assert raised.value.fields["filter"].startswith(f"at character {at}: ")
    assert said in raised.value.fields["filter"]


@pytest.mark.parametrize("opening", ["(", "not ", "all(", "a = 1 and (b = 2 or "])
def test_a_filter_may_not_be_nested_without_end(opening: str) -> None:
    with pytest.raises(InvalidInput, match=f"no more than {MAX_DEPTH} levels"):
        parse(opening * 10_000)


@given(text=st.text(st.sampled_from('a1."=<>!(), \\andorit-…é')))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        read = parse(text)
    except InvalidInput:
        return
    assert parse(write(read)) == read
