"""Groups that differ only in one short span are one template with a slot there.

A slot with few values, each in many prompts (a language, a product), looks like fixed text, and
each value makes a group of its own. Where several groups agree in everything but one short span,
the span is a value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from promptuary.canon.discovery.alignment import Pattern
from promptuary.canon.discovery.grouping import Groups

FILLINGS = 3  # different ones that make a slot
SPAN = 3  # words of a filling, at most
FIXED = 6  # words that must agree
ROUNDS = 3  # slots of this kind that a template may have

_Key = tuple[int, int, int, int]  # words on the left and on the right, how many, then which
_Chains = dict[tuple[int, int], int]  # sequences of words by number: a shorter one, and a word


def fuse(groups: Groups, minimum: int) -> Groups:
    """The groups, with those that are variants of one another made one."""
    patterns, members = list(groups.patterns), [list(some) for some in groups.members]
    for _ in range(ROUNDS):
        if not _fuse_once(patterns, members, minimum):
            break
    kept = [number for number, some in enumerate(members) if some]
    return Groups(
        tuple(patterns[number] for number in kept),
        tuple(tuple(sorted(members[number])) for number in kept),
    )


def _fuse_once(patterns: list[Pattern], members: list[list[int]], minimum: int) -> bool:
    """Fuse each group once at most, the widest variety first; whether any was."""
    alike: dict[_Key, list[int]] = defaultdict(list)
    chains: tuple[_Chains, _Chains] = {}, {}
    for number, pattern in enumerate(patterns):
        if len(members[number]) >= minimum:
            for key in dict.fromkeys(_keys(pattern, *chains)):
                alike[key].append(number)
    done: set[int] = set()
    several = [one for one in alike.items() if len(one[1]) >= FILLINGS]
    ranked = sorted(several, key=lambda one: (-len(one[1]), -one[0][0], one[1]))
    for key, numbers in ranked:
        free = [number for number in numbers if number not in done]
        if len(free) >= FILLINGS:
            done.update(free)
            _join(patterns, members, key, free)
    return bool(done)


def _keys(pattern: Pattern, heads: _Chains, tails: _Chains) -> Iterator[_Key]:
    """What is left and right of each short span."""
    words, count = pattern.columns, len(pattern.columns)
    left, right = _numbers(words, heads), _numbers(words[::-1], tails)
    for start in range(count + 1):
        for end in range(start, min(start + SPAN, count) + 1):
            if count - (end - start) >= FIXED and (end > start or pattern.slots[start]):
                yield start, count - end, left[start], right[count - end]


def _numbers(words: Sequence[int], chains: _Chains) -> list[int]:
    """The numbers of the first 0, 1, 2... words; equal words have equal numbers."""
    numbers = [0]
    for word in words:
        numbers.append(chains.setdefault((numbers[-1], word), len(chains) + 1))
    return numbers


def _join(
    patterns: list[Pattern], members: list[list[int]], key: _Key, numbers: Sequence[int]
) -> None:
    first, *others = numbers
    left, right, *_ = key
    words = patterns[first].columns
    slots = [False] * (left + right + 1)
    for number in numbers:
        own = patterns[number].slots
        span = len(own) - len(slots)
        for at in range(left):
            slots[at] |= own[at]
        for at in range(left + 1, len(slots)):
            slots[at] |= own[at + span]
    slots[left] = True
    patterns[first] = Pattern(words[:left] + words[len(words) - right :], tuple(slots))
    for number in others:
        members[first] += members[number]
        members[number] = []
