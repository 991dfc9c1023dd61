"""Example files, generated from the settings themselves so that they cannot lag behind."""

from __future__ import annotations

from collections.abc import Iterator

from promptuary.settings import Settings
from promptuary.settings.forms import show
from promptuary.settings.sources import FOREIGN, PREFIX

HEADER = "Every setting with its default. Take the # away from what you want to change."


def example_yaml() -> str:
    """What a `config/config.yaml` may hold; as it stands it changes nothing."""
    lines = [f"# {HEADER}", "# A value may be ${NAME} or ${NAME:-default}."]
    for name, described, default in _rows():
        quoted = default if _is_plain(default) else f'"{default}"'
        lines += ["", f"# {described}", f"#{name}: {quoted}".rstrip()]
    return "\n".join(lines) + "\n"


def example_env() -> str:
    """What a `.env` may hold; as it stands it changes nothing."""
    lines = [f"# {HEADER}", "# NAME_FILE names a file that holds the value of NAME."]
    for name, described, default in _rows():
        lines += ["", f"# {described}", f"#{PREFIX}{name.upper()}={default}".rstrip()]
    return "\n".join(lines) + "\n"


def other_names(setting: str) -> tuple[str, ...]:
    """The names of other systems that mean this setting."""
    return tuple(name for name, meant in FOREIGN.items() if meant == setting)


def _rows() -> Iterator[tuple[str, str, str]]:
    for name, field in Settings.model_fields.items():
        yield name, str(field.description), default_of(name)


def _is_plain(value: str) -> bool:
    """Whether YAML reads it as what it is without quotes."""
    return value in {"", "true", "false"} or value.replace(".", "", 1).isdigit()


def default_of(setting: str) -> str:
    """The default as it is written in a file; empty when there is none."""
    default = show(Settings.model_fields[setting].default)
    return default.lower() if default in {"True", "False"} else default
