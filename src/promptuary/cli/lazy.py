"""The commands, built when they are called: only the called verb's module is imported."""

from __future__ import annotations

from importlib import import_module
from typing import cast

import typer
from typer.core import TyperCommand, TyperGroup

from promptuary.cli.verbs import VERBS, Verb


class LazyGroup(TyperGroup):
    """The root command: knows its verbs from the table, and imports one when it is called."""

    def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002 - click passes it
        """The verbs, in the order of the table."""
        return list(VERBS)

    def get_command(
        self,
        ctx: object,  # noqa: ARG002 - click passes it
        cmd_name: str,
    ) -> TyperCommand | TyperGroup | None:
        """The command of that verb, or None."""
        verb = VERBS.get(cmd_name)
        return command_of(cmd_name, verb) if verb else None


def command_of(name: str, verb: Verb) -> TyperCommand | TyperGroup:
    """Import a verb's module and make its command."""
    module = import_module(f"promptuary.cli.{verb.module}")
    app: typer.Typer
    if verb.group:
        app = module.app
    else:
        app = bare()
        app.command(name)(getattr(module, verb.function or name))
    command = cast("TyperCommand | TyperGroup", typer.main.get_command(app))
    command.name = name
    return command


def bare(summary: str = "", *, completion: bool = False) -> typer.Typer:
    """A typer application with the house's manners."""
    return typer.Typer(
        help=summary,
        add_completion=completion,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def root() -> TyperGroup:
    """The command `promptuary` itself."""
    app = bare(completion=True)
    app.callback(cls=LazyGroup)(lambda: None)
    return cast("TyperGroup", typer.main.get_command(app))
