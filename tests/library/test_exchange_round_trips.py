"""Import and export lose nothing, whatever the file: 200 made-up files of every format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from exchange_files import FILES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promptuary.domain.errors import Unsupported
from promptuary.domain.library import PromptHistory
from promptuary.library.exchange.formats import FORMS
from promptuary.library.exchange.forms import Form
from promptuary.library.exchange.reading import read
from promptuary.library.exchange.writing import FIELDS, drafted, write

NOW = datetime(2030, 1, 31, tzinfo=UTC)
PATIENT = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def said(form: Form, histories: Iterable[PromptHistory]) -> list[object]:
    """What the format says of them, and nothing else."""
    fields = sorted(form.says - {"title", "created_at"})
    return [
        (history.prompt.slug, [FIELDS[field](drafted(history, version)) for field in fields])
        for history in histories
        for version in history.versions
    ]


def test_every_format_has_files_to_try() -> None:
    assert FILES.keys() == FORMS.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
@settings(max_examples=200, deadline=None, suppress_health_check=PATIENT)
@given(data=st.data())
def test_an_export_of_what_was_imported_is_the_same_file(name: str, data: st.DataObject) -> None:
    form, file = FORMS[name], data.draw(FILES[name])
    imported = read(form, file, NOW).histories
    if imported:
        assert write(form, imported).data == file
        assert read(form, file, NOW).histories == imported


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
@settings(max_examples=200, deadline=None, suppress_health_check=PATIENT)
@given(data=st.data())
def test_prompts_from_elsewhere_survive_a_new_file_of_the_format(
    name: str, data: st.DataObject
) -> None:
    form = FORMS[name]
    bare = [
        replace(history, carried=())
        for history in read(form, data.draw(FILES[name]), NOW).histories
    ]
    try:
        written = write(form, bare[:1] if form.single else bare).data
    except Unsupported:  # a text that would read as a role, or no prompt where one has to be
        return
    again = read(form, written, NOW).histories
    if not form.distinct:
        assert said(form, again) == said(form, bare)
    assert write(form, again).data == written
