"""What secrets and private numbers look like: patterns as data, checks as small pure functions.

Every pattern starts where a run of its own characters starts (a lookbehind, behind the first
character where that lets `re` skip ahead), repeats possessively or within a bound, and so takes
linear time on any text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import log2

from promptuary.domain.masks import MASKS, MaskKind

KEY = r"(?<![A-Za-z0-9_-])"  # a key starts here
PLACEHOLDER = re.compile(
    rf"example|your|xxxx|\*\*\*|dummy|redacted|placeholder|changeme|sample|{MASKS.pattern}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Format:
    """Something that moderation looks for.

    `hints` are literals of which one stands in every text with a match, whatever their case (none:
    always look); `real` decides about a match of `pattern` (its last group, else all of it), and
    `whole` says what of the text must go with a match that starts and ends there.
    """

    what: str
    category: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    real: Callable[[str], bool]
    score: float = 1.0
    mask: MaskKind = "secret"
    whole: Callable[[str, int, int], tuple[int, int]] = lambda _, start, end: (start, end)

    def find(self, text: str, folded: str) -> Iterator[tuple[int, int]]:
        """Where each real match starts and ends, counted in characters from 0; `folded` is the text
        in lower case, which many formats share."""
        if self.hints and not any(hint in folded for hint in self.hints):
            return
        for match in self.pattern.finditer(text):
            group = match.lastindex or 0
            if self.real(match[group]):
                yield match.span(group)


def to_end_of_key(text: str, start: int, end: int) -> tuple[int, int]:
    """With the characters behind a match that could belong to the same key."""
    behind = KEY_REST.match(text, end)
    return start, behind.end() if behind else end


def to_end_of_block(text: str, start: int, end: int) -> tuple[int, int]:
    """From the line that begins a private key to the one that ends it, or as far as it goes."""
    begins = text.rfind("-----BEGIN", 0, start)
    behind = BLOCK_REST.match(text, end)
    return begins, behind.end() if behind else end


def up_to_host(text: str, start: int, end: int) -> tuple[int, int]:
    """The password alone of `password@host`."""
    return start, text.index("@", start, end)


def account_number(text: str, start: int, end: int) -> tuple[int, int]:
    """As many characters as an account number of its country has."""
    left = IBAN_LENGTHS[text[start : start + 2]]
    for at in range(start, end):
        left -= text[at] != " "
        if not left:
            return start, at + 1
    return start, end


KEY_REST = re.compile(r"[A-Za-z0-9_+/=-]*+")
SPELLED_REST = re.compile(r"[^\s\"'`<>(){}\[\],;]*+")
BLOCK_REST = re.compile(r"[A-Za-z0-9+/=\s]*+(?:-----END [A-Z0-9 ]{0,40}-----)?")


def to_end_of_word(text: str, start: int, end: int) -> tuple[int, int]:
    """With the rest of a password that is longer than what was looked at."""
    behind = SPELLED_REST.match(text, end)
    return start, behind.end() if behind else end


def entropy(token: str) -> float:
    """Shannon entropy of its characters, in bits per character."""
    counts = Counter(token).values()
    return -sum(n / len(token) * log2(n / len(token)) for n in counts)


def random_looking(token: str) -> bool:
    """Varied characters, and none of the words that examples use."""
    return entropy(token) >= 3.0 and not PLACEHOLDER.search(token)


def password_like(value: str) -> bool:
    """Letters and digits mixed as no name in a program and no path mixes them."""
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    varied = entropy(value) >= 2.5 and not PLACEHOLDER.search(value)
    return mixed and varied and not NAME.fullmatch(value)


def key_like(value: str) -> bool:
    """Letters of both cases and digits mixed as in no word, and varied; a hash has one case."""
    digits = sum(c.isdigit() for c in value)
    mixed = value.lower() != value and value.upper() != value
    return digits >= 2 and mixed and random_looking(value)


def password_at_host(text: str) -> bool:
    """The password of an address, and a host that no example uses."""
    password, _, host = text.partition("@")
    return random_looking(password) and not PLACEHOLDER.search(host)


NAME = re.compile(
    r"[$%&@]?(?:[A-Za-z]+[0-9]{0,3}(?:[._:-]+|(?<=[a-z])(?=[A-Z])|$))+"  # snake_case2, camelCase
    r"|(?:https?:|\.{0,2}/|[A-Za-z]:\\).*"  # an address or a path
)


def luhn(number: str) -> bool:
    """A payment card: an issuer's prefix and length, and the check digit of ISO/IEC 7812-1."""
    digits = [int(c) for c in number if c.isdigit()]
    doubled = sum(sum(divmod(2 * d, 10)) for d in digits[-2::-2])
    bare = "".join(map(str, digits))
    return bool(ISSUERS.fullmatch(bare)) and (sum(digits[-1::-2]) + doubled) % 10 == 0


ISSUERS = re.compile(
    r"4\d{12}(?:\d{3}|\d{6})?|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}"
)


def iban(text: str) -> bool:
    """It begins with an account number: its country's length, remainder 1 by 97 (ISO 13616)."""
    bare = text.replace(" ", "")
    length = IBAN_LENGTHS.get(bare[:2], len(bare) + 1)
    rearranged = bare[4:length] + bare[:4]
    return len(bare) >= length and int("".join(str(int(c, 36)) for c in rearranged)) % 97 == 1


IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FO GL NL", 19: "MK SI", 20: "AT BA EE KZ LT LU XK",
        21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "PT ST", 26: "IS TR", 27: "FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HU LB PL SV", 29: "BR EG PS QA UA", 30: "JO KW MU", 31: "MT SC",
        32: "LC",
    }.items()
    for country in countries.split()
}  # fmt: skip
"""From the registry of ISO 13616."""


def _key(what: str, hint: str | tuple[str, ...], pattern: str) -> Format:
    hints = (hint,) if isinstance(hint, str) else hint
    folded = tuple(hint.lower() for hint in hints)
    form = re.compile(KEY + pattern)
    return Format(what, "secret", folded, form, random_looking, whole=to_end_of_key)


PASSWORD_HINTS = (
    *("pass", "pwd", "secret", "credential", "key", "token", "kennwort", "contraseña", "senha"),
    *("wachtwoord", "пароль", "密码", "密碼", "パスワード", "비밀번호"),
)
PASSWORD_WORDS = (
    r"pass(?:word|wd|phrase|code|wort)|mot de passe|(?:api|access|secret|private|account)[_ -]?key|"
    + "|".join(hint for hint in PASSWORD_HINTS if hint not in {"pass", "key"})
)

KEY_WORDS = ("api", "key", "token", "secret", "pat", "sk", "auth", "live", "priv")
"""A key of a maker that nobody knows has one of these before an underscore or hyphen."""

FORMATS = (
    _key("an AWS access key", ("AKIA", "ASIA"), r"(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])"),
    _key(
        "a GitHub token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"gh[pousr]_[A-Za-z0-9]{36,255}"
    ),
    _key("a GitHub token", "github_pat_", r"github_pat_\w{50,255}"),
    _key("a GitLab token", "glpat-", r"glpat-[\w-]{20,255}"),
    _key("a Slack token", "xox", r"xox[abeoprs]-[A-Za-z0-9-]{20,255}"),
    _key(
        "a Slack webhook",
        "hooks.slack.com",
        r"hooks\.slack\.com/services/T\w{6,}+/B\w{6,}+/\w{20,255}",
    ),
    _key("a Stripe key", ("_live_", "_test_"), r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}"),
    _key("an OpenAI or Anthropic key", "sk-", r"sk-[A-Za-z0-9_-]{20,255}"),
    _key("a Google API key", "AIza", r"AIza[\w-]{35}"),
    _key("a Google client secret", "GOCSPX-", r"GOCSPX-[\w-]{28}"),
    _key("a Hugging Face token", "hf_", r"hf_[A-Za-z0-9]{30,64}"),
    _key("an npm token", "npm_", r"npm_[A-Za-z0-9]{36}"),
    _key("a SendGrid key", "SG.", r"SG\.[\w-]{22}\.[\w-]{43}"),
    _key("a Shopify token", "shp", r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}"),
    _key("a DigitalOcean token", "_v1_", r"do[opr]_v1_[a-f0-9]{64}"),
    _key("a Databricks token", "dapi", r"dapi[a-f0-9]{32}"),
    _key("a Telegram bot token", ":AA", r"[0-9]{8,10}:AA[\w-]{33}(?![\w-])"),
    _key("an Azure storage key", "AccountKey=", r"AccountKey=([A-Za-z0-9+/]{86}==)"),
    _key("a PyPI token", "pypi-", r"pypi-AgE[\w-]{40,255}"),
    _key("a Twilio key", "SK", r"SK[a-f0-9]{32}(?![A-Za-z0-9])"),
    _key("a Mailgun key", "key-", r"key-[a-f0-9]{32}(?![A-Za-z0-9])"),
    _key("a Grafana token", "glsa_", r"glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}"),
    _key("a Vault token", "hvs.", r"hvs\.[\w-]{24,255}"),
    _key("an Atlassian token", "ATATT3", r"ATATT3[\w=-]{60,255}"),
    _key("a Notion token", "ntn_", r"ntn_[A-Za-z0-9]{40,64}"),
    _key("a New Relic key", "NRAK-", r"NRAK-[A-Z0-9]{27}"),
    _key("a Sentry token", "sntrys_", r"sntrys_[A-Za-z0-9+/=_-]{40,255}"),
    _key("an age key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    _key("a JSON web token", "eyJ", r"eyJ[\w-]{8,}+\.eyJ[\w-]{8,}+\.[\w-]{16,}+"),
    Format(
        "a key by its name",
        "secret",
        tuple(f"{word}{mark}" for word in KEY_WORDS for mark in "_-"),
        re.compile(
            KEY + rf"(?=[A-Za-z0-9_-]{{0,24}}?(?:{'|'.join(KEY_WORDS)})[_-])"
            r"(?:[A-Za-z][A-Za-z0-9]{0,11}[_-]){1,3}([A-Za-z0-9]{24,255})(?![A-Za-z0-9_-])"
        ),
        key_like,
        score=0.9,
        whole=to_end_of_key,
    ),
    Format(
        "a bearer token",
        "secret",
        ("bearer",),
        re.compile(r"\b[Bb]earer\s{1,3}([A-Za-z0-9._~+/-]{20,512})(?![A-Za-z0-9._~+/-])"),
        key_like,
        score=0.9,
        whole=to_end_of_key,
    ),
    Format(
        "a private key",
        "secret",
        ("private key",),
        re.compile(
            r"-----BEGIN (?:[A-Z0-9]{1,9} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
            r"[\s\S]{0,120}?([A-Za-z0-9+/=]{40})"
        ),
        random_looking,
        whole=to_end_of_block,
    ),
    Format(
        "a password in an address",
        "secret",
        ("://",),
        re.compile(
            r"(?<![\w+.-])[A-Za-z][\w+.-]{1,20}://[^\s:/@]{1,64}:([^\s:/@]{6,128}@[\w.-]{1,253})"
        ),
        password_at_host,
        whole=up_to_host,
    ),
    Format(
        "a password or token",
        "secret",
        PASSWORD_HINTS,
        re.compile(
            rf"(?:{PASSWORD_WORDS})[\"'`]?\s{{0,3}}(?::=|=>|[:=\uff1a]|\b(?:is|was|ist|es|est|è|é)\b|は|是)"
            r"\s{0,3}[\"'`]?([^\s\"'`<>(){}\[\],;]{8,256}+)(?![(\[{])",
            re.IGNORECASE,
        ),
        password_like,
        score=0.9,
        whole=to_end_of_word,
    ),
    Format(
        "a payment card number",
        "pii",
        (),
        re.compile(r"[2-6](?<![\w.-].)[0-9]{3}(?:[ -]?[0-9]){9,15}(?![\w-]|\.[0-9])"),
        luhn,
        mask="card",
    ),
    Format(
        "a bank account number (IBAN)",
        "pii",
        (),
        re.compile(r"[A-Z]{2}(?<!\w..)[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)"),
        iban,
        mask="iban",
        whole=account_number,
    ),
    Format(
        "an e-mail address",
        "pii",
        ("@",),
        re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{2,63})++"),
        bool,
        score=0.5,
        mask="email",
    ),
    Format(
        "a telephone number",
        "pii",
        ("+",),
        re.compile(r"(?<![\w+])\+[1-9][0-9]{0,2}(?:[ ./-]{0,2}\(?[0-9]{1,5}\)?){2,6}(?![\w])"),
        lambda number: 8 <= sum(c.isdigit() for c in number) <= 15,
        score=0.4,
        mask="phone",
    ),
)
