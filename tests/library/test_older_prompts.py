"""A prompt of the older service as a kept prompt, and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.library import Domain, Expertise, OutputFormat, PromptVersion, version_id
from promptuary.domain.older_prompts import OlderSaid
from promptuary.library.older_prompts import (
    about_of,
    bare_topic,
    content_of,
    digest_of,
    is_older_id,
    older_id_of,
    read_older,
    said_by,
    slug_of_older,
    write_older,
)

TEXT = st.text(max_size=12)
SAID = st.builds(
    OlderSaid,
    text=TEXT.filter(str.strip),
    lazy_text=st.none() | TEXT,
    domain=st.sampled_from(get_args(Domain)),
    expertise_level=st.sampled_from(get_args(Expertise)),
    output_format=st.sampled_from(get_args(OutputFormat)),
    include_best_practices=st.booleans(),
    include_examples=st.booleans(),
    detected_topics=st.lists(TEXT.map(bare_topic).filter(bool), max_size=3, unique=True).map(tuple),
    topic_details=st.dictionaries(TEXT.map(bare_topic), TEXT, max_size=2),
    recommended_references=st.lists(TEXT, max_size=2).map(tuple),
    prompt_file_content=st.none() | TEXT,
)


def version(content):
    at = datetime(2030, 1, 1, tzinfo=UTC)
    return PromptVersion(version_id(content), "p", 1, "main", content, (), "", "", at)


@given(SAID)
def test_nothing_is_lost_on_the_way_here_and_back(said):
    kept = about_of(said), version(content_of(said))
    assert said_by(*kept) == said
    assert read_older(write_older(said_by(*kept))).said == said


@pytest.mark.parametrize(
    ("topic", "bare"),
    [("1. kubernetes", "kubernetes"), ("12) - docker ", "docker"), ("3.", "3."), ("2fa", "2fa")],
)
def test_a_topic_loses_its_numbering_and_nothing_else(topic, bare):
    assert bare_topic(topic) == bare


def test_what_had_to_be_cleaned_is_named():
    raw = {
        "response": {"refined_prompt": "Do.", "detected_topics": ["1. x", "x"]},
        "request": {"domain": "DomainType.SECURITY", "output_format": "poem"},
    }
    read = read_older(json.dumps(raw).encode())
    assert set(read.dirt) == {"numbered topic", "spelt domain", "unknown value"}
    assert (read.said.domain, read.said.detected_topics) == ("security", ("x",))
    assert digest_of(read.said) == digest_of(read_older(write_older(read.said)).said)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"{}", b"\xff", b'{"response": {}, "request": {}}', b"[" * 100_000,
     b'{"response": {"refined_prompt": " "}, "request": {}}'],
)  # fmt: skip
def test_what_is_no_prompt_is_refused(raw):
    with pytest.raises(InvalidInput):
        read_older(raw)


def test_a_prompt_that_is_too_long_is_refused():
    long = {"response": {"refined_prompt": "x" * 1_000_000}, "request": {}}
    with pytest.raises(TooLarge):
        read_older(json.dumps(long).encode())


def test_a_prompt_keeps_its_id_on_both_sides():
    assert older_id_of(slug_of_older("042")) == "042"
    ours = older_id_of("smartprompt/of-ours")
    assert is_older_id(ours)
    assert len(ours) == 12
    assert older_id_of("smartprompt/1/2") != "2"
