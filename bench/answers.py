"""How well questions are answered, and refused: `promptuary eval qa` on labelled questions.

Questions are drawn with a fixed seed. Those "outside" ask what is in other collections: whether
they are told from a collection's own, and how true the probabilities of both together are.
"""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.processes import python, run
from bench.speed import Row, row

COLLECTION = "qa_squad2"
STRANGE = ("chunk_eval", "ret_claudedocs", "ret_financebench_pages")
STRANGE_QUERIES = ("ret_cranfield", "ret_stackfaq", "ret_vaswani")
OTHERS = ("ret_claudedocs",)
CONTEXTUAL = "minilm"
OWN, NEAR, EACH = 400, 400, 60

Asked = dict[str, Any]


def main(output: Path, data: Path) -> None:
    """Evaluate on the development data of answers."""
    folder = data / "rag"
    output.write_text(json.dumps([*_rows(folder), *_elsewhere(folder)], indent=1) + "\n", "utf-8")


def _rows(folder: Path) -> Iterator[Row]:
    chance = random.Random(7)
    gold = _read(folder / COLLECTION / "qa.jsonl")
    own = _drawn([one for one in gold if not one["unanswerable"]], OWN, chance)
    near = _drawn([one for one in gold if one["unanswerable"]], NEAR, chance)
    strange = list(_strangers(folder, chance))
    said = _evaluate(folder / COLLECTION, own)
    yield row(f"SQuAD2, {len(own)} questions: sentence cited first holds the answer", ">= .80",
              said["figures"]["sentence_contained"], "", "", None)  # fmt: skip
    yield row("SQuAD2: answer of at most two sentences holds it", ">= .90",
              said["figures"]["answer_contained"], "", "", None)  # fmt: skip
    yield row("SQuAD2: cited documents that are right", "",
              said["figures"]["citation_precision"], "", "", None)  # fmt: skip
    outside = _evaluate(folder / COLLECTION, [*own, *strange])["figures"]
    yield row(f"SQuAD2, {len(strange)} questions outside it: AUROC", ">= .995",
              outside["refusal_AUROC"], "", "", None)  # fmt: skip
    yield row("SQuAD2 and those outside: calibration error", "<= .03", outside["ECE"], "", "", None)
    yield row("SQuAD2 and those outside: rightly answered or refused by default", "",
              outside["refusal_acc_as_submitted"], "", "", None)  # fmt: skip
    missed = _evaluate(folder / COLLECTION, [*own, *near])["figures"]
    yield row(f"SQuAD2, {len(near)} near misses: AUROC", ">= .72",
              missed["refusal_AUROC"], "", "", None)  # fmt: skip
    each = said["cost"]["cpu_seconds"] / (said["figures"]["n"])
    yield row("SQuAD2: CPU a question, indexing included", "", each * 1e3, "ms", "", None)
    yield from _in_context(folder, own, near)


def _in_context(folder: Path, own: Sequence[Asked], near: Sequence[Asked]) -> Iterator[Row]:
    """The same questions with an embedder that reads words in their context."""
    said = _evaluate(folder / COLLECTION, own, CONTEXTUAL)["figures"]
    missed = _evaluate(folder / COLLECTION, [*own, *near], CONTEXTUAL)["figures"]
    yield row(f"SQuAD2, {CONTEXTUAL}: sentence cited first holds the answer", ">= .80",
              said["sentence_contained"], "", "", None)  # fmt: skip
    yield row(f"SQuAD2, {CONTEXTUAL}: answer of at most two sentences holds it", ">= .90",
              said["answer_contained"], "", "", None)  # fmt: skip
    yield row(f"SQuAD2, {CONTEXTUAL}, {len(near)} near misses: AUROC", ">= .72",
              missed["refusal_AUROC"], "", "", None)  # fmt: skip


def _elsewhere(folder: Path) -> Iterator[Row]:
    """Other collections with questions outside them."""
    for name in OTHERS:
        chance = random.Random(7)
        own = _read(folder / name / "qa.jsonl")
        gold = [one for one in _read(folder / COLLECTION / "qa.jsonl") if not one["unanswerable"]]
        strange = [_strange(one["question"], n) for n, one in enumerate(_drawn(gold, 100, chance))]
        figures = _evaluate(folder / name, [*own, *strange])["figures"]
        yield row(f"{name}: document cited first is right", "",
                  figures["top_citation_gold"], "", "", None)  # fmt: skip
        yield row(f"{name}, {len(strange)} questions outside it: AUROC", ">= .995",
                  figures["refusal_AUROC"], "", "", None)  # fmt: skip


def _strangers(folder: Path, chance: random.Random) -> Iterator[Asked]:
    for name in STRANGE:
        asked = [one["question"] for one in _read(folder / name / "qa.jsonl")]
        yield from (_strange(q, f"{name}{n}") for n, q in enumerate(_drawn(asked, EACH, chance)))
    for name in STRANGE_QUERIES:
        asked = [one["text"] for one in _read(folder / name / "queries.jsonl")]
        yield from (_strange(q, f"{name}{n}") for n, q in enumerate(_drawn(asked, EACH, chance)))


def _strange(question: str, key: object) -> Asked:
    return {"id": f"strange-{key}", "question": question, "answers": [], "unanswerable": True}


def _drawn(rows: Sequence[Any], most: int, chance: random.Random) -> list[Any]:
    return chance.sample(rows, min(most, len(rows)))


def _read(file: Path) -> list[Asked]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def _evaluate(
    folder: Path, questions: Sequence[Asked], embedder: str = "static"
) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory() as place:
        asked = Path(place) / "asked"
        asked.mkdir()
        shutil.copy(folder / "corpus.jsonl", asked)
        lines = "".join(json.dumps(each) + "\n" for each in questions)
        (asked / "qa.jsonl").write_text(lines, "utf-8")
        answer = Path(place) / "answer.json"
        options = ["--run", f"{place}/run.jsonl", "--home", f"{place}/home", "--json"]
        options += ["--embedder", embedder]
        command = ["eval", "qa", str(asked), *options]
        run(python("-m", "promptuary.cli", *command), output=answer)
        said: Mapping[str, Any] = json.loads(answer.read_text("utf-8"))
        return said
