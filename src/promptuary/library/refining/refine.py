"""A quick note becomes a prompt in order; one that is in order stays as it is.

Whatever its author wrote stands in it word for word. What is added comes from data beside this
file and depends on nothing but the author's words and the wishes: that is why refining twice is
refining once.
"""

from __future__ import annotations

from collections.abc import Sequence

from promptuary.domain.errors import InvalidInput, TooLarge
from promptuary.domain.refining import USUAL, Borrowed, Neighbour, Refined, Section, Wishes
from promptuary.library.refining.arranging import (
    Arranged,
    arrange,
    read_back,
    verbatim,
    written,
)
from promptuary.library.refining.borrowing import borrowed_role, suggestions, trusted
from promptuary.library.refining.gate import lost
from promptuary.library.refining.intents import intent
from promptuary.library.refining.linting import findings
from promptuary.library.refining.questioning import questions
from promptuary.library.refining.slots import declared, with_slots
from promptuary.library.refining.topics import field, profession, topics
from promptuary.library.refining.wording import words

LONGEST = 200_000
"""Characters; what is longer is no prompt but a document."""
SORTED_UP_TO = 30_000
"""A longer text stays in one piece: what is in it was put in order by somebody."""
TITLE = 60


def refine(text: str, wishes: Wishes = USUAL, *, neighbours: Sequence[Neighbour] = ()) -> Refined:
    """The prompt in order, by rules alone. Raises InvalidInput for a blank text, TooLarge.

    `neighbours` are kept prompts like it, in any order; only well rated ones lend anything.
    """
    checked(text)
    lazy = text.replace("\r\n", "\n").replace("\r", "\n")
    lenders = trusted(neighbours)
    slotted, arranged = in_order(lazy)
    role = None if arranged.body("role") else borrowed_role(lenders)
    refined = composed(arranged, wishes, role)
    if not _holds(slotted, refined, wishes):  # a quotation cut in two, for one
        arranged, role = verbatim(slotted), None
        refined = composed(arranged, wishes, role)
    return described(refined, lazy, arranged, wishes, lenders, role)


def checked(text: str) -> None:
    """Raises InvalidInput for a text that says nothing, TooLarge for one that is no prompt."""
    if not text.strip():
        raise InvalidInput(
            "there is nothing to refine: the text is blank", fields={"text": "blank"}
        )
    if len(text) > LONGEST:
        raise TooLarge(f"a prompt has at most {LONGEST:,} characters to be refined")


def in_order(lazy: str) -> tuple[str, Arranged]:
    """What an author wrote with its open places as slots, whole and by section.

    What is in order already is left as it is, without the lines of ours.
    """
    found = read_back(lazy)
    if found is not None:
        return "\n\n".join(found.bodies.values()), found
    slotted = with_slots(lazy)
    return slotted, arrange(slotted) if len(lazy) <= SORTED_UP_TO else verbatim(slotted)


def composed(arranged: Arranged, wishes: Wishes, role: Borrowed | None = None) -> str:
    """The whole prompt. The same statements and wishes always give the same."""
    bodies = dict(arranged.bodies)
    if "role" not in bodies:
        bodies["role"] = role.text if role else _role(arranged, wishes)
    return written(bodies, _added(arranged, wishes))


def described(
    refined: str,
    lazy: str,
    arranged: Arranged,
    wishes: Wishes,
    lenders: Sequence[Neighbour],
    role: Borrowed | None,
) -> Refined:
    """The prompt with everything that is to be said about it."""
    kind = intent(arranged.body("task"))
    found = findings(lazy, arranged)
    return Refined(
        text=refined,
        lazy_text=lazy,
        wishes=wishes,
        engine="rules",
        title=title(arranged),
        intent=kind,
        topics=topics(arranged.written),
        slots=declared(refined),
        questions=questions(found, kind, wishes, field(arranged.written)),
        findings=found,
        borrowed=(role,) if role else (),
        suggestions=suggestions(arranged, lenders),
    )


def _holds(before: str, refined: str, wishes: Wishes) -> bool:
    """Whether all is there that was, and refining it again would change nothing."""
    again = read_back(refined)
    same = again is not None and composed(again, wishes) == refined
    return same and not lost(before, refined, inventing=False)


def title(arranged: Arranged) -> str:
    """The beginning of the task, on one line."""
    flat = " ".join(arranged.body("task")[: 4 * TITLE].split())
    return flat if len(flat) <= TITLE else flat[: TITLE - 1].rstrip() + "…"


def _role(arranged: Arranged, wishes: Wishes) -> str:
    said = words()
    by_topic = profession(arranged.written) if wishes.domain == "general" else None
    asked = said["intents"].get(intent(arranged.body("task")), {})
    # Whoever writes SQL is no writer: such an intent says less than what it is about.
    by_intent = None if by_topic and asked.get("yields") else asked.get("profession")
    usual = said["professions"][wishes.domain][wishes.expertise_level]
    chosen = (by_intent or by_topic or usual) if wishes.domain == "general" else usual
    line: str = said["role"].replace("{profession}", chosen)
    return line


def _added(arranged: Arranged, wishes: Wishes) -> dict[Section, list[str]]:
    said = words()
    constraints = [*said["constraints"][wishes.expertise_level], *said["domain"][wishes.domain]]
    check = list(said["check"]["always"])
    if wishes.best_practices:
        constraints += said["practice"]
        check += [*said["check"]["practice"], *said["check"][wishes.domain]]
    if _foreign(arranged.written):
        constraints.append(said["own_language"])
    form = said["output_open" if arranged.body("output") else "output"][wishes.output_format]
    output = [form, said["output_example"]] if wishes.examples else [form]
    return {"constraints": constraints, "output": output, "check": check}


def _foreign(text: str) -> bool:
    """Whether most of its letters are not of our alphabet."""
    if text[:2_000].isascii():
        return False
    letters = [letter for letter in text[:2_000] if letter.isalpha()]
    return 2 * sum(letter.isascii() for letter in letters) < len(letters)
