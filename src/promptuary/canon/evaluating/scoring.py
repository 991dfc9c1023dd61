"""How good a run is, where the truth is known: grouping, templates, slots, families, intents.

GA, FGA, PA and FTA are the field's measures for log parsing (Zhu et al. 2019; Khan et al. 2022;
Jiang et al. 2024), here for prompts. Texts of templates are compared by their words and slots;
`PA_strict` also by letter case and punctuation. A slot in these texts is `{name}` or `<*>`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from statistics import fmean
from typing import TypeAlias

from promptuary.canon.evaluating.agreement import agreement, best_accuracy

SLOT = re.compile(r"\{[A-Za-z_][\w.\-]*\}|<\*>")
_NAMED = re.compile(r"\{([A-Za-z_][\w.\-]*)\}")
_HOLE = "\x00"
_HOLES = re.compile(r"\x00(?:\s*\x00)+")
_QUOTES = str.maketrans({0x201C: '"', 0x201D: '"', 0x2019: "'"})
_EDGES = " \t\n.,;:!?\"'`()[]{}-"
DATASET_MEANS = ("GA", "FGA", "PA", "PA_strict", "FTA", "NMI", "ARI", "V", "roundtrip_exact")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A row with its truth. `group` is its template's id, `label` an intent's name."""

    id: str
    text: str
    group: str | None = None
    family: str | None = None
    template: str | None = None
    slots: Mapping[str, str] | None = None
    kind: str | None = None
    label: str | None = None
    out_of_scope: bool = False
    dataset: str | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """What was found for a row. A prompt that stands alone has no cluster, and is its template."""

    id: str
    cluster_id: str | None
    template: str
    slots: Mapping[str, str]
    family_cluster: str | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Measures by name, and those of parts (`family`, a kind of row, a data set)."""

    values: Mapping[str, float]
    parts: Mapping[str, Figures] = field(default_factory=dict)

    def nested(self) -> dict[str, object]:
        """Both in one mapping, for JSON."""
        return {**self.values, **{name: part.nested() for name, part in self.parts.items()}}


Pair: TypeAlias = tuple[Labelled, RunRow]


@dataclass(frozen=True, slots=True)
class _Grouping:
    """Which found groups are exactly a true one, and the members of each found group."""

    accuracy: float
    f1: float
    true_count: int
    exact: frozenset[str]
    members: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class _Row:
    """One pair, compared: template right, strictly right, likeness, round trips, slot counts."""

    right: bool
    strict: bool
    likeness: float
    exact: bool
    nearly: bool
    matched: int
    wanted: int
    given: int
    softness: float | None


def score_templates(pairs: Sequence[Pair], *, likeness: bool = True) -> Figures:
    """Everything about rows whose template is known. `likeness` may be left out: it is slow."""
    truth = [str(row.group) for row, _ in pairs]
    found = [_alone_or(run.cluster_id, row) for row, run in pairs]
    grouping = _grouping(truth, found)
    rows = _compared(pairs, likeness=likeness)
    values = {
        "n": len(pairs),
        "GA": grouping.accuracy,
        "FGA": grouping.f1,
        "clusters_true": grouping.true_count,
        "clusters_pred": len(grouping.members),
        **agreement(truth, found),
        "PA": fmean(row.right for row in rows),
        "PA_strict": fmean(row.strict for row in rows),
        "FTA": _template_f1(grouping, rows),
        "roundtrip_exact": fmean(row.exact for row in rows),
        "roundtrip_normalised": fmean(row.nearly for row in rows),
    }
    if likeness:
        values["template_similarity"] = fmean(row.likeness for row in rows)
    values |= _slot_values(pairs, rows)
    if any(row.family is None for row, _ in pairs):
        return Figures(values)
    families = [_alone_or(run.family_cluster, row) for row, run in pairs]
    parts = {"family": Figures(agreement([str(row.family) for row, _ in pairs], families))}
    if any(row.kind == "singleton" for row, _ in pairs):
        values |= _singleton_values(pairs, truth, found)
        parts["by_kind"] = _by_kind(pairs, found, grouping, rows)
    return Figures(values, parts)


def score_datasets(pairs: Sequence[Pair]) -> Figures:
    """Each data set by itself, and the plain mean over them."""
    by: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by[str(pair[0].dataset)].append(pair)
    per = {name: score_templates(by[name], likeness=False) for name in sorted(by)}
    means = {name: fmean(each.values[name] for each in per.values()) for name in DATASET_MEANS}
    return Figures({}, {"mean": Figures(means), "per_dataset": Figures({}, per)})


def score_intents(pairs: Sequence[Pair]) -> Figures:
    """Rows with a label only, by their family; out-of-scope rows should belong to none."""
    alone = [run.family_cluster is None for _, run in pairs]
    found = [_alone_or(run.family_cluster, row) for row, run in pairs]
    inside = [at for at, (row, _) in enumerate(pairs) if not row.out_of_scope]
    truth, kept = [str(pairs[at][0].label) for at in inside], [found[at] for at in inside]
    together = {each for at, each in zip(inside, kept, strict=True) if not alone[at]}
    values = {
        **agreement(truth, kept),
        "n": len(pairs),
        "clusters_true": len(set(truth)),
        "clusters_pred": len(together),
        "noise_share": fmean(alone),
    }
    if (accuracy := best_accuracy(truth, kept)) is not None:
        values["ACC_hungarian"] = accuracy
    if len(inside) < len(pairs):
        outside = [row.out_of_scope for row, _ in pairs]
        both = sum(a and b for a, b in zip(outside, alone, strict=True))
        precision, recall = both / max(1, sum(alone)), both / sum(outside)
        values |= {
            "oos_precision": precision,
            "oos_recall": recall,
            "oos_F1": _f1(precision, recall),
        }
    return Figures(values)


def normal_template(text: str, *, strict: bool = False) -> str:
    """What two texts of one template have in common; adjacent slots count as one."""
    text = re.sub(r"\s+", " ", SLOT.sub(_HOLE, text)).strip()
    if strict:
        return _HOLES.sub(_HOLE, text)
    text = re.sub(r"\s+", " ", re.sub(r"[^\w\x00]+", " ", text.casefold()))
    return _HOLES.sub(_HOLE, text).strip()


def normal_value(value: str) -> str:
    """A slot value without letter case, spacing, quote style and punctuation at its edges."""
    return re.sub(r"\s+", " ", value.casefold().translate(_QUOTES)).strip(_EDGES)


def _alone_or(cluster: str | None, row: Labelled) -> str:
    return f"solo:{row.id}" if cluster is None else cluster


def _grouping(truth: Sequence[str], found: Sequence[str]) -> _Grouping:
    true_members, members = _members(truth), _members(found)
    exact = frozenset(
        name for name, rows in members.items() if true_members[truth[rows[0]]] == rows
    )
    accuracy = sum(len(members[name]) for name in exact) / len(truth)
    f1 = _f1(len(exact) / len(members), len(exact) / len(true_members))
    return _Grouping(accuracy, f1, len(true_members), exact, members)


def _members(names: Sequence[str]) -> dict[str, list[int]]:
    members: dict[str, list[int]] = defaultdict(list)
    for at, name in enumerate(names):
        members[name].append(at)
    return members


def _template_f1(grouping: _Grouping, rows: Sequence[_Row]) -> float:
    right = sum(all(rows[at].right for at in grouping.members[name]) for name in grouping.exact)
    return _f1(right / len(grouping.members), right / grouping.true_count)


def _compared(pairs: Sequence[Pair], *, likeness: bool) -> list[_Row]:
    known: dict[tuple[str, str], float] = {}
    rows = []
    for row, run in pairs:
        a, b = normal_template(run.template), normal_template(row.template or "")
        if likeness and (a, b) not in known:
            known[a, b] = SequenceMatcher(None, a.split(), b.split(), autojunk=False).ratio()
        filled = _filled(run)
        wanted = list((row.slots or {}).values())
        given = [value for value in run.slots.values() if normal_value(value)]
        rows.append(
            _Row(
                right=a == b,
                strict=normal_template(run.template, strict=True)
                == normal_template(row.template or "", strict=True),
                likeness=known.get((a, b), 0.0),
                exact=filled == row.text,
                nearly=_words(filled) == _words(row.text),
                matched=_matched(wanted, given),
                wanted=len(wanted),
                given=len(given),
                softness=_softness(wanted, given),
            )
        )
    return rows


def _filled(run: RunRow) -> str:
    return _NAMED.sub(lambda hole: run.slots.get(hole[1], hole[0]), run.template)


def _words(text: str) -> str:
    return normal_template(SLOT.sub(" ", text))


def _matched(wanted: Iterable[str], given: Iterable[str]) -> int:
    return sum((Counter(map(normal_value, wanted)) & Counter(map(normal_value, given))).values())


def _softness(wanted: Sequence[str], given: Sequence[str]) -> float | None:
    """Mean over the true values of the best token F1 with a given one; None without values."""
    if not wanted:
        return None
    return fmean(max((_token_f1(a, b) for b in given), default=0.0) for a in wanted)


def _token_f1(a: str, b: str) -> float:
    left, right = Counter(normal_value(a).split()), Counter(normal_value(b).split())
    size = left.total() + right.total()
    return 2 * (left & right).total() / size if size else 1.0


def _slot_values(pairs: Sequence[Pair], rows: Sequence[_Row]) -> dict[str, float]:
    known = [row for (truth, _), row in zip(pairs, rows, strict=True) if truth.slots is not None]
    wanted, given = sum(row.wanted for row in known), sum(row.given for row in known)
    if not wanted:
        return {}
    matched = sum(row.matched for row in known)
    whole = [row.right and row.matched == row.wanted == row.given for row in known]
    templated = [row for row in known if row.wanted]
    recall, precision = matched / wanted, matched / max(1, given)
    return {
        "PA_templated_only": fmean(row.right for row in templated),
        "parse_exact_templated_only": sum(
            each for each, row in zip(whole, known, strict=True) if row.wanted
        )
        / len(templated),
        "parse_exact": sum(whole) / len(pairs),
        "slot_recall": recall,
        "slot_precision": precision,
        "slot_F1": _f1(precision, recall),
        "slot_soft_recall": fmean(row.softness for row in templated if row.softness is not None),
    }


def _singleton_values(
    pairs: Sequence[Pair], truth: Sequence[str], found: Sequence[str]
) -> dict[str, float]:
    sizes = Counter(found)
    single = [at for at, (row, _) in enumerate(pairs) if row.kind == "singleton"]
    others = [at for at, (row, _) in enumerate(pairs) if row.kind != "singleton"]
    values = {"singletons_left_alone": fmean(sizes[found[at]] == 1 for at in single)}
    if others:
        rest = _grouping([truth[at] for at in others], [found[at] for at in others])
        values["GA_templated_only"] = rest.accuracy
    return values


def _by_kind(
    pairs: Sequence[Pair], found: Sequence[str], grouping: _Grouping, rows: Sequence[_Row]
) -> Figures:
    parts = {}
    for kind in sorted({str(row.kind) for row, _ in pairs}):
        at = [n for n, (row, _) in enumerate(pairs) if str(row.kind) == kind]
        values = {
            "n": float(len(at)),
            "ok_group": fmean(found[n] in grouping.exact for n in at),
            "PA": fmean(rows[n].right for n in at),
        }
        parts[kind] = Figures(values)
    return Figures({}, parts)


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
