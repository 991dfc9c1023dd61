"""Keys and hosts of endpoints: where a key may stand, which is never a URL."""

from __future__ import annotations

from promptuary.adapters._remote.secrets_manager import secret
from promptuary.adapters._remote.settings import given, written
from promptuary.adapters._remote.settings_file import configured


def variable(name: str, default: str = "") -> str:
    """The value of a variable: that of the environment, of a file that `NAME_FILE` names, or of the
    file NAME in a folder of secrets (see `nearby`); else that of AWS Secrets Manager, where it is
    asked; else what `.env` says in the current folder; else what the settings file says under the
    name of an older system (see `configured`); else the default.

    Raises Misconfigured for a file or secret that was named and cannot be read.
    """
    if value := given(name):
        return value
    return secret().get(name) or written().get(name) or configured(name) or default
