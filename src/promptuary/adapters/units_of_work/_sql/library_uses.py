"""How often kept prompts were asked for, by day, version and user.

All uses of a version on a day are in one table, those of users who are known in another too: what
is left was nobody's who is known, and a release that counts no users may go on counting.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import RowMapping, Select, Table, and_, bindparam, select, update

from promptuary.adapters.units_of_work._sql.schema_library import (
    library_prompts,
    library_usage,
    library_usage_by_user,
)
from promptuary.adapters.units_of_work._sql.statements import Statements, chunks
from promptuary.adapters.units_of_work._sql.types import among, same
from promptuary.domain.library import UsageDay

_prompt = library_prompts.c
_all = library_usage.c
_own = library_usage_by_user.c
_USED = (
    update(library_prompts)
    .where(_prompt.id == bindparam("one"))
    .values(usage_count=_prompt.usage_count + bindparam("more", type_=_prompt.usage_count.type))
)


async def use(db: Statements, days: Sequence[UsageDay]) -> None:
    """As the port says."""
    used = Counter[str]()
    for each in days:
        used[each.prompt_id] += each.uses
    # First, as it makes other writers of these prompts wait; in the order of ids, so that no two
    # writers wait for each other.
    ids = sorted(used)
    await db.many(_USED, [{"one": each, "more": used[each]} for each in ids])
    kept: set[str] = set()
    for part in chunks(ids):
        found = await db.rows(select(_prompt.id).where(among(_prompt.id, part)))
        kept |= {row["id"] for row in found}
    here = [each for each in days if each.prompt_id in kept]
    await _add(db, library_usage, here)
    await _add(db, library_usage_by_user, [each for each in here if each.user])


async def _add(db: Statements, table: Table, days: Sequence[UsageDay]) -> None:
    """Each row once, in the order of its key."""
    names = tuple(column.name for column in table.primary_key)
    uses = Counter[tuple[str, ...]]()
    for each in days:
        key = (each.prompt_id, each.version_id, each.day, each.user)
        uses[key[: len(names)]] += each.uses
    made = [{**dict(zip(names, key, strict=True)), "uses": uses[key]} for key in sorted(uses)]
    await db.many(db.adding(table, names, "uses"), made)


async def usage(db: Statements, prompt_id: str, since: str) -> Sequence[UsageDay]:
    """As the port says."""
    found = await db.rows(_by_user(prompt_id, since))
    days = groupby(found, key=lambda row: (row["day"], row["version_id"]))
    return [each for _, rows in days for each in _day(list(rows))]


def _by_user(prompt_id: str, since: str) -> Select[Any]:
    """One statement, so that nothing is counted between the two tables."""
    known = and_(
        *(_own[name] == _all[name] for name in ("prompt_id", "version_id", "day")),
        same(_own.prompt_id, prompt_id),
    )
    return (
        select(library_usage, _own.used_by, _own.uses.label("own"))
        .select_from(library_usage.outerjoin(library_usage_by_user, known))
        .where(same(_all.prompt_id, prompt_id), _all.day >= since)
        .order_by(_all.day, _all.version_id, _own.used_by)
    )


def _day(found: Sequence[RowMapping]) -> Iterator[UsageDay]:
    """Of rows of one version and day: what was nobody's who is known, then each user's."""
    day, known = found[0], [row for row in found if row["used_by"] is not None]
    key = (day["prompt_id"], day["version_id"], day["day"])
    if (rest := day["uses"] - sum(row["own"] for row in known)) > 0:
        yield UsageDay(*key, rest)
    for row in known:
        yield UsageDay(*key, row["own"], row["used_by"])
