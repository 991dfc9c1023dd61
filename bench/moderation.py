"""What `rules:` refuses, on labelled texts made up here: precision and recall by kind.

Every text is a sentence of a person with something in it: a secret, a private number, or one of the
things that look like them and are none (hashes, identifiers, versions, order numbers, placeholders,
the numbers that card companies give out for tests). Keys of makers that the rules do not name are
among the secrets, and nothing here is anybody's.
"""

from __future__ import annotations

import json
import random
import string
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

import anyio

from bench.speed import Row, row
from promptuary.plugins import open_moderator

EACH = 200
SEED = 20
Made = Callable[[random.Random], str]

SENTENCES = (
    "Why does {} no longer work since the last release?",
    "Please write a friendly reply about {} and keep it short.",
    "Explain to a beginner what {} means in this log line.",
    "I pasted {} into the form by mistake, what now?",
    "Summarise the ticket below.\n\n{}\n\nThe customer waits since Monday.",
)


def _from(letters: str, count: int) -> Made:
    return lambda chance: "".join(chance.choice(letters) for _ in range(count))


def _luhn(body: str) -> str:
    digits = [int(each) for each in body]
    total = sum(digits[-2::-2]) + sum(sum(divmod(2 * each, 10)) for each in digits[-1::-2])
    return body + str(-total % 10)


def _card(chance: random.Random) -> str:
    number = _luhn(
        chance.choice("45") + str(chance.randint(1, 5)) + _from(string.digits, 13)(chance)
    )
    gap = chance.choice(("", " ", "-"))
    return gap.join(number[at : at + 4] for at in range(0, 16, 4))


def _iban(chance: random.Random) -> str:
    body = _from(string.digits, 18)(chance)
    check = 98 - int(body + "131400") % 97
    whole = f"DE{check:02}{body}"
    return (
        whole if chance.random() < 0.5 else " ".join(whole[at : at + 4] for at in range(0, 22, 4))
    )


HEX, TOKEN = "0123456789abcdef", string.ascii_letters + string.digits
SECRETS: Mapping[str, Made] = {
    "keys of makers that the rules name": lambda c: c.choice(
        (
            f"ghp_{_from(TOKEN, 36)(c)}",
            f"sk-proj-{_from(TOKEN, 40)(c)}",
            f"AKIA{_from(string.ascii_uppercase + '234567', 16)(c)}",
            f"xoxb-{_from(string.digits, 12)(c)}-{_from(TOKEN, 24)(c)}",
            f"glpat-{_from(TOKEN, 20)(c)}",
        )
    ),
    "keys of makers that they do not name": lambda c: c.choice(
        (
            f"key-{_from(HEX, 32)(c)}",
            f"{_from(string.ascii_lowercase, 4)(c)}_pat_{_from(TOKEN, 27)(c)}",
            f"{_from(string.ascii_lowercase, 3)(c)}_api_{_from(TOKEN, 40)(c)}",
            f"{_from(string.ascii_lowercase, 5)(c)}_{_from(TOKEN, 36)(c)}",
            f"Authorization: Bearer {_from(TOKEN, 40)(c)}",
        )
    ),
    "passwords after a word that says so": lambda c: c.choice(
        (
            f"password: {_from(TOKEN, 12)(c)}7k",
            f"DB_PASSWORD={_from(TOKEN, 16)(c)}3x",
            f'"api_key": "{_from(TOKEN, 24)(c)}9q"',
            f"das Passwort ist {_from(TOKEN, 11)(c)}4w",
        )
    ),
    "passwords in addresses": lambda c: (
        f"postgresql://app:{_from(TOKEN, 14)(c)}@db.{_from(string.ascii_lowercase, 7)(c)}.net/shop"
    ),
    "private keys": lambda c: (
        f"-----BEGIN PRIVATE KEY-----\n{_from(TOKEN, 64)(c)}\n{_from(TOKEN, 64)(c)}"
    ),
}
PRIVATE: Mapping[str, Made] = {"payment cards": _card, "IBANs": _iban}
NOTED: Mapping[str, Made] = {
    "e-mail addresses": lambda c: (
        f"{_from(string.ascii_lowercase, 6)(c)}@{_from(string.ascii_lowercase, 8)(c)}.net"
    ),
    "telephone numbers": lambda c: f"+49 {c.randint(30, 999)} {c.randint(100000, 9999999)}",
}
TEST_CARDS = (
    "4111 1111 1111 1111", "4242424242424242", "5555 5555 5555 4444", "378282246310005",
    "6011111111111117",
)  # fmt: skip
HARMLESS: Mapping[str, Made] = {
    "hashes": lambda c: f"commit {_from(HEX, c.choice((7, 12, 32, 40, 64)))(c)}",
    "identifiers": lambda c: c.choice(
        (
            f"request {uuid.UUID(int=c.getrandbits(128), version=4)}",
            f"chatcmpl-{_from(TOKEN, 29)(c)}",
            f"thread_{_from(TOKEN, 24)(c)}",
            f"the build cache-key-{_from(HEX, 40)(c)}",
            f"sha256-{_from(TOKEN + '+/', 43)(c)}=",
        )
    ),
    "versions and addresses": lambda c: (
        f"version {c.randint(1, 30)}.{c.randint(0, 99)}.{c.randint(0, 999)} on "
        f"10.{c.randint(0, 255)}.{c.randint(0, 255)}.{c.randint(1, 254)}"
    ),
    "order and tracking numbers": lambda c: (
        f"order {_from(string.digits, c.choice((8, 10, 12, 14, 16)))(c)}"
    ),
    "placeholders": lambda c: c.choice(
        ("YOUR_API_KEY", "sk-xxxxxxxxxxxxxxxxxxxxxxxx", "password: ********", "${DB_PASSWORD}",
         "api_key=<your key here>", "token = os.environ['TOKEN']")
    ),
    "talk of passwords": lambda c: c.choice(
        ("the password rules of the portal", "a secret is needed to sign in",
         "the token limit of the model", "password: at least twelve characters",
         "the key is under the mat")
    ),
    "encoded pictures": lambda c: f"data:image/png;base64,{_from(TOKEN + '+/', 120)(c)}",
}  # fmt: skip


def main(output: Path) -> None:
    """Judge all of it with `rules:`, and what is only noted with `rules:?pii=reject`."""
    rows = anyio.run(_rows)
    output.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


async def _rows() -> list[Row]:
    rows: list[Row] = []
    right = {"secret": 0, "pii": 0}
    for category, kinds in (("secret", SECRETS), ("pii", PRIVATE)):
        for kind, made in kinds.items():
            refused = await _refused(made, kind, "rules:", category)
            right[category] += refused
            rows.append(_share(f"recall: {kind}", refused, "1"))
    for kind, made in NOTED.items():
        rows.append(_share(f"recall: {kind}", await _refused(made, kind, "rules:?pii=reject"), "1"))
    wrong = {"secret": 0, "pii": 0}
    for kind, made in {**HARMLESS, "card numbers for tests": _test_card}.items():
        found = 0
        for category in wrong:
            refused = await _refused(made, kind, "rules:", category)
            found += refused
            wrong[category] += 0 if kind == "card numbers for tests" else refused
        rows.append(_share(f"refused though harmless: {kind}", found, "0"))
    for category, count in right.items():
        share = count / max(1, count + wrong[category])
        rows.append(row(f"precision: {category}, without card numbers for tests", "1", share,
                        "", "", None))  # fmt: skip
    return rows


def _test_card(chance: random.Random) -> str:
    return f"the card {chance.choice(TEST_CARDS)}"


async def _refused(made: Made, kind: str, url: str, category: str = "pii") -> int:
    """Of `EACH` texts with one of that kind, how many are refused for that category."""
    chance = random.Random(f"{SEED} {kind}")
    texts = [chance.choice(SENTENCES).format(made(chance)) for _ in range(EACH)]
    moderator = await open_moderator(url)
    verdicts = await moderator.review(texts)
    await moderator.aclose()
    return sum(not said.allowed and category in said.scores for said in verdicts)


def _share(what: str, count: int, goal: str) -> Row:
    return row(f"{what}, {EACH} texts", goal, count / EACH, "", "", None)
