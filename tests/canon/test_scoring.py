"""Figures over rows small enough to work out by hand."""

from __future__ import annotations

import pytest

from promptuary.canon.evaluating import agreement
from promptuary.canon.evaluating.scoring import (
    Labelled,
    Pair,
    RunRow,
    normal_template,
    normal_value,
    score_datasets,
    score_intents,
    score_templates,
)
from promptuary.domain.errors import MissingExtra


def row(
    id: str, group: str, template: str, text: str, slots: dict[str, str], kind: str = "text"
) -> Labelled:
    family = "f" if kind == "text" else id
    return Labelled(id, text, group, family, template, slots, kind)


TRUTH = [
    row("1", "A", "Say {word} now", "Say hi now", {"word": "hi"}),
    row("2", "A", "Say {word} now", "Say ho now", {"word": "ho"}),
    row("3", "B", "Go to {place}", "Go to Rome", {"place": "Rome"}),
    row("4", "B", "Go to {place}", "Go to Oslo", {"place": "Oslo"}),
    row("5", "C", "Why?", "Why?", {}, "singleton"),
]


def perfect() -> list[RunRow]:
    return [
        RunRow(
            t.id, t.group if t.kind == "text" else None, str(t.template), t.slots or {}, t.family
        )
        for t in TRUTH
    ]


def pairs(run: list[RunRow]) -> list[Pair]:
    return list(zip(TRUTH, run, strict=True))


@pytest.mark.slow
def test_a_perfect_run_scores_one_everywhere() -> None:
    values = dict(score_templates(pairs(perfect())).values)
    counts = {name: values.pop(name) for name in ("n", "clusters_true", "clusters_pred")}
    assert counts == {"n": 5, "clusters_true": 3, "clusters_pred": 3}
    assert values == pytest.approx(dict.fromkeys(values, 1.0))


@pytest.mark.slow
def test_grouping_counts_only_groups_that_are_exactly_right() -> None:
    run = perfect()
    run[3] = RunRow("4", "A", "Go to {place}", {"place": "Oslo"}, "f")
    values = score_templates(pairs(run)).values
    # Found groups: {1, 2, 4}, {3}, {5}; only {5} is a true one.
    assert values["GA"] == pytest.approx(1 / 5)
    assert values["FGA"] == pytest.approx(1 / 3)
    assert values["FTA"] == pytest.approx(1 / 3)
    assert values["PA"] == 1.0
    assert values["GA_templated_only"] == 0.0
    assert values["singletons_left_alone"] == 1.0


@pytest.mark.slow
def test_too_many_groups_cost_precision_and_not_recall() -> None:
    run = [RunRow(t.id, None, str(t.template), t.slots or {}, None) for t in TRUTH]
    values = score_templates(pairs(run)).values
    # One of five found groups is right, and one of three true ones is found.
    assert values["FGA"] == values["FTA"] == pytest.approx(2 * (1 / 5) * (1 / 3) / (1 / 5 + 1 / 3))


def test_templates_and_slots_are_counted_row_by_row() -> None:
    run = perfect()
    run[0] = RunRow("1", "A", "say {w}, now", {"w": "Hi!"}, "f")
    run[1] = RunRow("2", "A", "Say {word}", {"word": "ho now"}, "f")
    run[2] = RunRow("3", "B", "Go to {place}", {"place": "Rome", "extra": "Italy"}, "f")
    values = score_templates(pairs(run)).values
    assert values["PA"] == pytest.approx(4 / 5)
    assert values["PA_strict"] == pytest.approx(3 / 5)
    assert values["FTA"] == pytest.approx(2 / 3)
    # Slots: 3 of 4 true values matched, 5 given.
    assert values["slot_recall"] == pytest.approx(3 / 4)
    assert values["slot_precision"] == pytest.approx(3 / 5)
    assert values["slot_F1"] == pytest.approx(2 / 3)
    assert values["slot_soft_recall"] == pytest.approx((1 + 2 / 3 + 1 + 1) / 4)
    # Row 3 has a value too many, row 2 another template.
    assert values["parse_exact"] == pytest.approx(3 / 5)
    assert values["parse_exact_templated_only"] == pytest.approx(2 / 4)
    assert values["PA_templated_only"] == pytest.approx(3 / 4)
    assert values["roundtrip_exact"] == pytest.approx(4 / 5)
    assert values["roundtrip_normalised"] == 1.0


def test_likeness_is_the_share_of_words_in_common() -> None:
    run = perfect()
    run[0] = RunRow("1", "A", "Say {word}", {"word": "hi now"}, "f")
    values = score_templates(pairs(run)).values
    assert values["template_similarity"] == pytest.approx((2 * 2 / 5 + 4) / 5)


def test_each_kind_of_row_has_figures_of_its_own() -> None:
    run = perfect()
    run[4] = RunRow("5", "A", "Why?", {}, None)
    parts = score_templates(pairs(run)).parts["by_kind"].parts
    assert parts["singleton"].values == {"n": 1, "ok_group": 0.0, "PA": 1.0}
    assert parts["text"].values == {"n": 4, "ok_group": 0.5, "PA": 1.0}


@pytest.mark.slow
def test_families_are_scored_by_themselves() -> None:
    run = perfect()
    run[0] = RunRow("1", "A", "Say {word} now", {"word": "hi"}, None)
    family = score_templates(pairs(run)).parts["family"].values
    assert family["homogeneity"] == pytest.approx(1.0)
    assert 0 < family["completeness"] < 1


def test_data_sets_are_averaged_without_weights() -> None:
    sets = [Labelled(t.id, t.text, t.group, None, t.template, dataset="ab"[n > 1]) for n, t in
            enumerate(TRUTH)]  # fmt: skip
    run = perfect()
    run[0] = RunRow("1", None, "Say {word} now", {"word": "hi"}, None)
    figures = score_datasets(list(zip(sets, run, strict=True)))
    per = figures.parts["per_dataset"].parts
    assert per["a"].values["GA"] == 0.0
    assert per["b"].values["GA"] == 1.0
    assert figures.parts["mean"].values["GA"] == pytest.approx(0.5)


def test_intents_are_scored_by_family_and_out_of_scope_rows_should_stand_alone() -> None:
    labels = [("1", "x"), ("2", "x"), ("3", "y"), ("4", "y")]
    rows = [Labelled(key, key, label=label) for key, label in labels]
    rows += [Labelled("5", "5", out_of_scope=True), Labelled("6", "6", out_of_scope=True)]
    found = {"1": "p", "2": "p", "3": "p", "4": None, "5": None, "6": "q"}
    run = [RunRow(key, None, key, {}, family) for key, family in found.items()]
    values = score_intents(list(zip(rows, run, strict=True))).values
    assert values["ACC_hungarian"] == pytest.approx(3 / 4)
    assert values["noise_share"] == pytest.approx(2 / 6)
    assert (values["clusters_true"], values["clusters_pred"]) == (2, 1)
    assert (values["oos_precision"], values["oos_recall"]) == (0.5, 0.5)


def test_agreement_is_the_textbook_value() -> None:
    values = agreement.agreement(["a", "a", "b", "b"], ["1", "1", "1", "2"])
    assert values["ARI"] == pytest.approx(0.0)
    entropy_left, mutual = 0.6931471805599453, 0.21576155433883565
    assert values["homogeneity"] == pytest.approx(mutual / entropy_left)
    assert values["completeness"] == pytest.approx(mutual / 0.5623351446188083)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Say {x}{y} now!", "say  <*> NOW"),
        ("{a} {b}: {c}", "{only}"),
        ("“Why?”", "why"),
    ],
)
def test_templates_are_compared_by_words_and_slots(a: str, b: str) -> None:
    assert normal_template(a) == normal_template(b)
    assert normal_template(a, strict=True) != normal_template(b, strict=True)


def test_values_are_compared_without_case_quotes_and_edges() -> None:
    assert normal_value(" “The  Sea’s” end.") == "the sea's\" end"


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sklearn", None)
    with pytest.raises(MissingExtra, match=r"promptuary\[eval\]"):
        agreement.agreement(["a"], ["b"])
