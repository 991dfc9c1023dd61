"""What `rules:` refuses, what it lets through, and that no text keeps it long."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.adapters.moderators._formats import FORMATS, iban, luhn
from promptuary.adapters.moderators.rules import RulesModerator, connect
from promptuary.domain.errors import Misconfigured
from promptuary.testing.moderator import ModeratorContract
from promptuary.testing.trying import trying

KEY = "q7Zt4mVb9XcL2pRw8KsD"
"""Random characters that belong to nobody; makers' prefixes are set before them below."""


class TestRules(ModeratorContract):
    @pytest.fixture
    def moderator(self) -> RulesModerator:
        return connect("rules:")

    @pytest.fixture
    def secret(self) -> str:
        return f"ghp_{KEY}{KEY}"


REFUSED = [
    f"deploy with AKIA{'Q7ZT4MVB3XCL2PRW'} please",
    f"my token is ghp_{KEY}{KEY}",
    f"export GITHUB_TOKEN=github_pat_{KEY}_{KEY}{KEY}",
    f"glpat-{KEY} fails with 401, why?",
    f"curl -H 'Authorization: Bearer sk-proj-{KEY}{KEY}'",
    f"the key sk-ant-api03-{KEY} was revoked",
    f"stripe.api_key = 'sk_live_{KEY}'",
    f"xoxb-{'284710392845'}-{KEY}",
    f"post to https://hooks.slack.com/services/T024QK7ZT/B0384MVB9/{KEY}{KEY[:4]}",
    f"AIza{(KEY * 2)[:35]} returns quota errors",
    f"login with hf_{KEY}{KEY[:14]}",
    f"SG.{(KEY * 2)[:22]}.{(KEY * 3)[:43]}",
    f"use acme_api_{KEY}{KEY} there",
    f"key-{'9f86d081884c7d65' * 2} is ours",
    f"Authorization: Bearer {KEY}{KEY}",
    f"SK{'9f86d081884c7d65' * 2}",
    f"pypi-AgE{KEY}{KEY}{KEY}",
    f"hvs.{KEY}{KEY}",
    f"12345678:AA{(KEY * 2)[:33]} is the bot",
    f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{KEY}",
    f"-----BEGIN RSA PRIVATE KEY-----\nMIIE{KEY}{KEY}{KEY}\n-----END RSA PRIVATE KEY-----",
    f"-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 2\n\n{KEY}{KEY}{KEY}",
    f"postgresql://app:{KEY[:12]}@db.internal/shop is slow",
    "My password is Sommer2031! but I cannot log in",
    'const config = { "password": "tR0ub4dor&3x" }',
    f"api_key={KEY}",
    f"DB_PASSWORD={KEY[:10]}",
    f"client_secret: {KEY}{KEY}",
    f"Das Passwort ist {KEY[:9]}, bitte merken",
    f"我的密码是{KEY[:10]}",
    f"пароль: {KEY[:10]}",
    "Charge 4111 1111 1111 1111, expiry 12/31",
    "card 5500-0000-0000-0004",
    "Amex 371449635398431 was declined",
    "Refund to DE89 3704 0044 0532 0130 00",
    "REFUND TO DE89 3704 0044 0532 0130 00 BEFORE NOON",
    "IBAN GB82WEST12345698765432",
]

ALLOWED = [
    f"the build cache-key-{'9f86d081884c7d659a2f' * 2} was hit",
    f"thread_{KEY}{KEY[:4]} has no messages",
    "integrity sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "Reply to Ann Lee (ann.lee@example.org) about order 4829-1038.",
    "Call the customer back on +49 30 1234567 before noon.",
    "What is the difference between an API key and a token?",
    "Explain what -----BEGIN PRIVATE KEY----- means at the top of a file.",
    "How do I reset my password? I forgot it yesterday.",
    "Password: must have eight characters, one digit and one symbol",
    "The password is required for every login.",
    "password = get_password_v2(user_id)",
    "token = self.tokens2text(model_name)",
    "token: sha256_digest",
    "api_key = settings.OPENAI_API_KEY",
    'api_key = os.environ["OPENAI_KEY_V2"]',
    "api_key: YOUR_API_KEY_123456",
    "OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxx",
    "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
    "password: ${DB_PASSWORD_2}",
    "password: {{ secrets.db_password1 }}",
    "token: <paste-your-token-1234-here>",
    "max_tokens: 4096, temperature: 0.2",
    "The secret: season everything twice.",
    "private_key: ./keys/server_2031.pem",
    "secret: https://vault.example.org/v1/secret2",
    "Commit 9fceb02d0ae598e95dc970b74767f19372d6e2d1 breaks the build.",
    "Session 550e8400-e29b-41d4-a716-446655440000 timed out.",
    "Order 4111111111111112 has not arrived.",
    "Tracking number 00340434161094042557.",
    "Invoice 2031-11-20 4829103847561029 total 48.00",
    "Pi is 3.14159265358979323846",
    "Serial DE12 ABCD 0000 1111 2222 is out of stock",
    "ISBN 978-3-16-148410-0",
    "Connect to postgresql://localhost:5432/shop",
    f"assert url == 'https://ann:{KEY[:12]}@www.example.com'",
    "git clone ssh://git@example.org:2222/team/app.git",
    "Der Schlüssel zum Erfolg ist Ausdauer.",
    "請把這句話翻譯成英文\uff1a圖書館九點開門。",
    "task-oriented desk-side sk-ills",
    "Classify: the tokenizer splits 'passwordless2024' into pieces.",
]


@pytest.fixture
def moderator() -> RulesModerator:
    return connect("rules:")


@pytest.mark.anyio
@pytest.mark.parametrize("text", REFUSED)
async def test_secrets_and_payment_data_are_refused(moderator: RulesModerator, text: str) -> None:
    (verdict,) = await moderator.review([text])
    assert not verdict.allowed


@pytest.mark.anyio
@pytest.mark.parametrize("text", ALLOWED)
async def test_everyday_prompts_are_allowed(moderator: RulesModerator, text: str) -> None:
    (verdict,) = await moderator.review([text])
    assert verdict.allowed, verdict.reason


@pytest.mark.anyio
async def test_no_reason_repeats_what_it_found(moderator: RulesModerator) -> None:
    reasons = [verdict.reason or "" for verdict in await moderator.review(REFUSED)]
    assert not [reason for reason in reasons if KEY[:9] in reason or "1111" in reason]


@pytest.mark.anyio
async def test_a_reason_says_what_and_where(moderator: RulesModerator) -> None:
    (verdict,) = await moderator.review([f"use ghp_{KEY}{KEY} and 4111 1111 1111 1111"])
    assert verdict.reason == (
        "contains what looks like a GitHub token at character 5;"
        " a payment card number at character 54"
    )
    assert verdict.scores == {"secret": 1.0, "pii": 1.0}


@pytest.mark.anyio
async def test_private_data_that_is_allowed_is_noted(moderator: RulesModerator) -> None:
    (verdict,) = await moderator.review(["write to ann@example.org"])
    assert verdict.allowed
    assert verdict.scores == {"pii": 0.5}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("rules:", [True, False, False]),
        ("rules:?pii=payment", [True, False, False]),
        ("rules:?pii=allow", [True, True, False]),
        ("rules:?pii=reject", [False, False, False]),
        ("rules:?secrets=allow", [True, False, True]),
    ],
)
async def test_options_say_what_is_refused(url: str, allowed: list[bool]) -> None:
    texts = ["to ann@example.org", "4111 1111 1111 1111", f"ghp_{KEY}{KEY}"]
    assert [verdict.allowed for verdict in await connect(url).review(texts)] == allowed


@pytest.mark.parametrize(
    "url", ["rules:?pii=maybe", "rules:?speed=fast", "rules:?policy=nowhere.txt"]
)
def test_an_option_nobody_knows_is_refused_at_start(url: str) -> None:
    with pytest.raises(Misconfigured):
        connect(url)


@pytest.mark.anyio
async def test_terms_of_a_policy_file_are_refused_whole_and_in_any_case(tmp_path: Path) -> None:
    (tmp_path / "terms.txt").write_text("# ours\nproject heron  # not yet public\nkite\n蒼鷺\n")
    moderator = connect(f"rules:?policy={tmp_path / 'terms.txt'}")
    texts = ["About Project\nHERON?", "kites fly", "the heron project", "關於蒼鷺計劃", "Kite!"]
    verdicts = await moderator.review(texts)
    assert [verdict.allowed for verdict in verdicts] == [False, True, True, False, False]
    assert verdicts[0].reason == "contains what looks like a term of the policy file (its line 2)"
    assert verdicts[0].scores == {"policy": 1.0}


MILLION = 1_000_000
HOSTILE = [
    "0", "4 ", "4111 ", "1 ", "DE89 ", "AA11", "+1", "+1 ", "+1(1)", "+1.", "12345678:AA",
    "eyJ", "eyJaaaaaaaaa.", "sk-", "SG.", "hooks.slack.com/services/T",
    "-----BEGIN PRIVATE KEY-----",
    "password ", "password=", "password is ", "password=aB1", "密码", "a@", "@b.", "://", "a://b:c",
    "\0", "\n", "_", "-",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("unit", HOSTILE, ids=repr)
def test_no_text_keeps_a_pattern_long(unit: str) -> None:
    """A quadratic pattern would need hours for the long text; a linear one 10 times the short."""
    short, long = (unit * (size // len(unit)) for size in (MILLION // 10, MILLION))
    for kind in FORMATS:
        assert _seconds(kind.find, long) <= 40 * _seconds(kind.find, short) + 0.2, kind.what


def _seconds(find: object, text: str) -> float:
    start = time.process_time()
    list(find(text, text.lower()))  # type: ignore[operator]  # a bound method of Format
    return time.process_time() - start


@pytest.mark.parametrize("number", ["4111111111111111", "378282246310005", "6011000990139424"])
def test_one_wrong_digit_is_no_card(number: str) -> None:
    assert luhn(number)
    others = [number[:-1] + digit for digit in "0123456789" if digit != number[-1]]
    assert not any(luhn(other) for other in others)


def test_one_wrong_digit_is_no_account_number() -> None:
    assert iban("FR14 2004 1010 0505 0001 3M02 606")
    assert not any(iban(f"FR14 2004 1010 0505 0001 3M02 60{digit}") for digit in "012345789")


MASKED = [
    ("Answer ann@example.org, or call +49 30 1234567.", "Answer [EMAIL], or call [PHONE]."),
    ("\U0001f600 Charge 4111 1111 1111 1111 now", "\U0001f600 Charge [CARD] now"),
    ("REFUND TO DE89 3704 0044 0532 0130 00 TODAY", "REFUND TO [IBAN] TODAY"),
    (f"postgresql://app:{KEY[:12]}@db.internal/shop", "postgresql://app:[SECRET]/shop"),
    (f"token ghp_{KEY}{KEY}, why?", "token [SECRET], why?"),
    (
        f"-----BEGIN EC PRIVATE KEY-----\nMIIE{KEY * 3}\n{KEY}\n-----END EC PRIVATE KEY-----\nOk?",
        "[SECRET]\nOk?",
    ),
    ("Tell nobody of Operation  Swan, ok?", "Tell nobody of [TERM], ok?"),
    (f"password: {KEY * 20}.", "password: [SECRET]"),
]


@pytest.fixture
def masking(tmp_path: Path) -> RulesModerator:
    (tmp_path / "terms.txt").write_text("operation swan\n雪花\n", encoding="utf-8")
    policy = f"policy={tmp_path / 'terms.txt'}"
    return connect(f"rules:?pii=mask&secrets=mask&terms=mask&{policy}")


@pytest.mark.anyio
async def test_what_is_found_is_replaced_and_everything_else_stays_as_it_is(masking):
    verdicts = await masking.review([text for text, _ in MASKED])
    assert [each.text for each in verdicts] == [masked for _, masked in MASKED]
    assert all(each.allowed and each.reason is None for each in verdicts)
    assert dict(verdicts[0].masked) == {"email": 1, "phone": 1}


@pytest.mark.anyio
async def test_a_text_is_refused_for_the_rest_and_kept_aside_without_what_is_replaced():
    moderator = connect("rules:?pii=mask")
    (verdict,) = await moderator.review([f"Tell ann@example.org: ghp_{KEY}{KEY}"])
    assert (verdict.status, verdict.text) == ("rejected", f"Tell [EMAIL]: ghp_{KEY}{KEY}")
    (only_payment,) = await connect("rules:?pii=mask-payment").review(
        ["ann@example.org paid with 4111 1111 1111 1111"]
    )
    assert only_payment.text == "ann@example.org paid with [CARD]"


PIECES = [text for text, _ in MASKED] + ["雪花", " ", "x", "@", ".", "[EMAIL]", "-", "\n", "4"]


@pytest.mark.anyio
@trying(60)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=6))
async def test_nothing_is_left_to_replace_in_what_is_kept(masking, pieces):
    (verdict,) = await masking.review(["".join(pieces)])
    kept = "".join(pieces) if verdict.text is None else verdict.text
    (again,) = await masking.review([kept])
    assert (verdict.allowed, again.text, again.scores.keys() - {"pii"}) == (True, None, set())
