"""`promptuary configure`: keys where only this user can read them, and the server to go to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from promptuary.cli.options import AsJson
from promptuary.cli.printing import console, write_json
from promptuary.domain.errors import InvalidInput, Misconfigured


def configure(
    api_key: Annotated[
        str | None, typer.Option("--api-key", metavar="PROVIDER", help="Whose key it is, `openai`.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Argument(metavar="KEY", help="The key itself; else it is read from standard input."),
    ] = None,
    provider: Annotated[
        str | None,
        typer.Option(
            "--provider",
            metavar="NAME:MODEL",
            help="Who words answers; '': nobody.",
        ),
    ] = None,
    api_endpoint: Annotated[
        str | None,
        typer.Option("--api-endpoint", metavar="URL", help="The server to go to; '': this folder."),
    ] = None,
    api_key_file: Annotated[
        Path | None,
        typer.Option("--api-key-file", metavar="FILE", help="Holds the API key for that server."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Keep the key of a provider in a file, or say who words answers, or which server to go to;
    with none of these asks for all three, on a terminal.

    No key is shown.
    """
    if provider is not None:
        done = {"chat_models": provider, "written": str(_word_by(provider))}
    elif api_endpoint is not None:
        done = {"api_endpoint": api_endpoint, "written": str(_point_at(api_endpoint, api_key_file))}
    elif api_key is not None:
        done = _keep(api_key, key if key is not None else _read())
    elif api_key_file is None and sys.stdin.isatty():
        done = _asked()
    else:
        raise typer.BadParameter(
            "say --api-key PROVIDER, --provider NAME:MODEL or --api-endpoint URL"
        )
    if as_json:
        write_json(done)
    else:
        files = [done[name] for name in ("kept", "written") if name in done]
        console().print(f"kept in {' and '.join(files)}" if files else "nothing was changed")


def _asked() -> dict[str, str]:
    """One question after the other; an empty answer leaves a thing as it is."""
    from promptuary.cli.opening import settings_of  # noqa: PLC0415 - pydantic is slow to import
    from promptuary.providers import KEYS  # noqa: PLC0415 - pydantic is slow to import

    settings = settings_of(None)
    done: dict[str, str] = {}
    words = _answer("who words answers, as NAME:MODEL", ",".join(settings.chat_models), "quotes")
    if words is not None:
        done |= {"chat_models": words, "written": str(_word_by(words))}
    provider = (words or "").partition(":")[0]
    secret = _read(f"key of {provider}, or nothing") if provider in KEYS else ""
    if secret.strip():
        done |= _keep(provider, secret)
    server = _answer("the server to go to, as URL", settings.api_endpoint, "this folder")
    if server is not None:
        done |= {"api_endpoint": server, "written": str(_point_at(server, None))}
    return done


def _answer(question: str, now: str, without: str) -> str | None:
    """What is to be set, '' for none; None where nothing is to change."""
    shown = f"{question}; '-': {without}"
    said = str(typer.prompt(shown, default=now or "-", err=True)).strip()
    wanted = "" if said == "-" else said
    return None if wanted == now else wanted


def _keep(provider: str, key: str) -> dict[str, str]:
    from promptuary.providers import keep_key  # noqa: PLC0415 - pydantic is slow to import

    return {"provider": provider, "kept": str(keep_key(provider, key.strip()))}


def _word_by(provider: str) -> Path:
    """Write down which chat model words answers; '' goes back to quotes."""
    from promptuary.plugins import schemes  # noqa: PLC0415 - slow to import
    from promptuary.settings.sources import chat_model_of  # noqa: PLC0415 - pydantic is slow
    from promptuary.settings.writing import write_down  # noqa: PLC0415 - pydantic is slow to import

    url = provider and chat_model_of(provider)
    scheme, _, model = url.partition(":")
    if url and (scheme not in schemes("chat_models") or not model):
        known = ", ".join(schemes("chat_models"))
        said = f"write NAME:MODEL, such as openai:gpt-4o-mini; the names are {known}"
        raise InvalidInput(said, fields={"provider": said})
    return write_down({"chat_models": url})


def _point_at(url: str, key_file: Path | None) -> Path:
    """Write down which server to go to; '' goes back to the folder of this machine."""
    from promptuary.sdk.line import address, key_of  # noqa: PLC0415 - not needed for help
    from promptuary.settings.writing import write_down  # noqa: PLC0415 - pydantic is slow to import

    values: dict[str, str | None] = {"api_endpoint": url and address(url)}
    if key_file is not None:
        try:
            key_of(key_file.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured(f"{key_file} cannot be read: {error}") from None
        values["api_endpoint_key_file"] = str(key_file.absolute())
    elif not url:
        values["api_endpoint_key_file"] = None
    return write_down(values)


def _read(question: str = "key") -> str:
    """One line of standard input; asked for without an echo where a person sits there."""
    if sys.stdin.isatty():
        return str(
            typer.prompt(question, hide_input=True, err=True, default="", show_default=False)
        )
    return sys.stdin.readline()
