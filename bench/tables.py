"""Questions to long Markdown tables: is the row cited, and its value named with its column?

The tables are generated; each is longer than several passages.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio

from bench.speed import Row, row
from promptuary.app import Promptuary
from promptuary.domain.answers import Answer
from promptuary.settings import Settings

THINGS = (
    "lantern anvil kettle saddle barrel compass ladder bucket mirror candle "
    "spindle hammer basket wagon anchor bellows trowel funnel shovel pulley"
).split()
COLUMNS = {
    "colour": "red green blue grey",
    "supplier": "Harrow Tilden Osgood Marlow",
    "warehouse": "north south harbour",
    "weight in kilograms": "",
    "price in crowns": "",
    "warranty in months": "",
}
FILES, ROWS, ASKED = 4, 60, 12

Asked = tuple[str, str, str]
"""A question, the beginning of its row, and what the answer must say."""


def main(output: Path) -> None:
    """Ask for values of four tables in four files."""
    cited, named = anyio.run(_ask)
    rows: list[Row] = [
        row(f"{FILES * ASKED} questions to tables of {ROWS} rows: the row is cited", "1",
            cited, "", "", None),
        row("the value is named with its column", "1", named, "", "", None),
    ]  # fmt: skip
    output.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


async def _ask() -> tuple[float, float]:
    chance = random.Random(5)
    cited = named = 0
    with TemporaryDirectory() as home, TemporaryDirectory() as place:
        asked = [one for n in range(FILES) for one in _written(Path(place), n, chance)]
        async with await Promptuary.open(settings=Settings(home=Path(home))) as promptuary:
            await promptuary.sync(place)
            for question, begins, value in asked:
                said = await promptuary.ask(question, min_confidence=0.0)
                if isinstance(said, Answer):
                    cited += any(begins in each.quote for each in said.citations)
                    named += value in said.text
    return cited / len(asked), named / len(asked)


def _written(folder: Path, number: int, chance: random.Random) -> Iterator[Asked]:
    columns = chance.sample(sorted(COLUMNS), 4)
    rows = [
        [
            f"{chance.choice(THINGS)} {chance.choice('ABCDEF')}{at}",
            *(_cell(c, chance) for c in columns),
        ]
        for at in range(ROWS)
    ]
    lines = [["item", *columns], ["---"] * 5, *rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    (folder / f"stock{number}.md").write_text(f"# Stock {number}\n\n{table}\n", "utf-8")
    for item, *values in chance.sample(rows, ASKED):
        at = chance.randrange(4)
        question = f"What is the {columns[at]} of the {item}?"
        yield question, f"| {item} |", f"{columns[at]}: {values[at]}"


def _cell(column: str, chance: random.Random) -> str:
    known = COLUMNS[column].split()
    return chance.choice(known) if known else str(chance.randint(2, 400))
