"""Every key and host of a provider, as a fake stands behind them."""

from __future__ import annotations

import pytest

KEYS = (
    *("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY", "GROQ_API_KEY"),
    *("MISTRAL_API_KEY", "PORTKEY_API_KEY", "AWS_BEARER_TOKEN_BEDROCK", "PROMPTUARY_ENDPOINT_KEY"),
)
OTHERS = (
    *("PORTKEY_BASE_URL", "PORTKEY_PROVIDER", "PORTKEY_VIRTUAL_KEY", "PORTKEY_CONFIG"),
    *("PORTKEY_CUSTOM_HOST", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
)


def secret(name: str) -> str:
    """The key that stands under that name."""
    return f"sk-{name.lower()}-5ecret"


def none_known(patch: pytest.MonkeyPatch) -> None:
    """A machine on which nobody has set a key or a host."""
    for name in (*KEYS, *OTHERS, *HOSTS):
        patch.delenv(name, raising=False)
        patch.delenv(f"{name}_FILE", raising=False)


def all_known(patch: pytest.MonkeyPatch, address: str) -> None:
    """Every provider has its key, and all of them live at that address."""
    none_known(patch)
    for name in KEYS:
        patch.setenv(name, secret(name))
    for name, path in HOSTS.items():
        patch.setenv(name, f"{address}{path}")


HOSTS = {
    "OPENAI_BASE_URL": "/v1",
    "GROQ_BASE_URL": "/openai/v1",
    "MISTRAL_BASE_URL": "/v1",
    "OLLAMA_HOST": "",
    "PORTKEY_BASE_URL": "/v1",
    "ANTHROPIC_BASE_URL": "",
    "GEMINI_BASE_URL": "/v1beta",
    "BEDROCK_BASE_URL": "",
}
