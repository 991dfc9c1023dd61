"""Small made-up traffic for the tests of discovery."""

from __future__ import annotations

from itertools import cycle, islice

PLACES = ("Oslo", "Lima", "Cairo", "Perth", "Quito", "Turin", "Delhi", "Accra", "Bergen", "Osaka")
FOODS = ("rye bread", "lentil soup", "plum jam", "dry figs", "goat cheese", "mint tea", "cold rice")
DEEDS = (
    "The ferry left before noon and nobody waved.",
    "A red kite circled above the silent quarry.",
    "Two carpenters argued about the length of a beam.",
    "Rain kept the market empty until evening.",
    "My neighbour keeps nine clocks and none agree.",
    "They painted the bridge green in a single night.",
    "Her letter arrived with three foreign stamps.",
    "An old pump still works behind the mill.",
)
ALONE = (
    "Why do cats purr at night?",
    "Sketch a logo with an owl and a moon",
    "my printer says paper jam but there is none",
    "Compose a haiku regarding drizzle",
)


def journeys(count: int = 12) -> list[str]:
    """Prompts of one template with two slots."""
    pairs = zip(cycle(PLACES), cycle(FOODS), strict=False)
    return [
        f"Plan a weekend trip to {place} for two people and mention where to buy {food} there."
        for place, food in islice(pairs, count)
    ]


def rewrites(count: int = 8) -> list[str]:
    """Prompts of one template with a slot at the end, on a line of its own."""
    return [
        f"Rewrite the sentence below so that a small child understands every word:\n\n{deed}"
        for deed in islice(cycle(DEEDS), count)
    ]


def verdicts(count: int = 8) -> list[str]:
    """Prompts of one template that starts with a slot and has braces."""
    return [
        f'"{deed}"\n\nIs this statement cheerful or gloomy? Reply as {{"mood": "..."}} only.'
        for deed in islice(cycle(DEEDS), count)
    ]
