"""`promptuary keys create|token|list|revoke`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from promptuary.access.tokens import Bearer, Tokens
from promptuary.cli.lazy import bare
from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Cursor, Home, Limit, one_of
from promptuary.cli.printing import as_plain, console, foot, safe, write_json
from promptuary.domain.errors import Misconfigured
from promptuary.domain.keys import SCOPES, ApiKey, Scope
from promptuary.settings import Settings

app = bare("Create, list and revoke the API keys of the HTTP server.")
USUAL: tuple[Scope, ...] = (
    "prompts:read", "prompts:write", "documents:read", "documents:write", "ask",
)  # fmt: skip


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What or who it is for.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="|".join(SCOPES),
            callback=one_of(*SCOPES),
            autocompletion=lambda: SCOPES,
            help="What it may do; may be given again. Else prompts and documents, and asking.",
        ),
    ] = None,
    days: Annotated[
        int | None, typer.Option("--days", min=1, help="How long it is valid; else for ever.")
    ] = None,
    per_minute: Annotated[
        int | None, typer.Option("--per-minute", min=1, help="Its own limit of requests.")
    ] = None,
    tenant: Annotated[
        str, typer.Option("--tenant", metavar="NAME", help="Whose library it opens.")
    ] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it: it is shown this once and kept nowhere."""
    expires = datetime.now(UTC) + timedelta(days=days) if days else None
    with opened(home) as promptuary:
        key, secret = promptuary.create_key(
            name,
            [each for each in SCOPES if each in scope] if scope else USUAL,
            expires_at=expires,
            rate_limit_per_minute=per_minute,
            tenant=tenant,
        )
    if as_json:
        write_json({**_public(key), "secret": secret})
    else:
        out = console()
        out.print(secret, style="bold")
        out.print("Keep it now: it cannot be shown again.", style="yellow")
        out.print(f"id {key.id}, scopes {', '.join(key.scopes)}", style="dim")


@app.command()
def token(
    subject: Annotated[str, typer.Argument(help="Who it is for.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="|".join(SCOPES),
            callback=one_of(*SCOPES),
            autocompletion=lambda: SCOPES,
            help="What it may do; may be given again.",
        ),
    ] = None,
    camera: Annotated[
        list[str] | None,
        typer.Option("--camera", metavar="ID", help="A camera that may be seen; again for more."),
    ] = None,
    private_key: Annotated[
        Path | None,
        typer.Option("--private-key", metavar="FILE", help="The private key of RS256, in PEM."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a signed token that the HTTP server lets in while it lives, and print it."""
    settings = Settings()
    key = private_key.read_text() if private_key else _secret(settings)
    cameras = tuple(camera) if camera else None
    bearer = Bearer(subject, tuple(each for each in SCOPES if each in (scope or ())), cameras)
    tokens = Tokens(
        key, settings.jwt_algorithm, issuer=settings.jwt_issuer, audience=settings.jwt_audience
    )
    lifetime = timedelta(minutes=settings.jwt_expire_minutes)
    made = tokens.made(bearer, datetime.now(UTC), lifetime)
    if as_json:
        write_json({"token": made, "minutes": settings.jwt_expire_minutes})
    else:
        console().print(made, style="bold", soft_wrap=True)


def _secret(settings: Settings) -> str:
    if settings.jwt_secret_key is None:
        raise Misconfigured("PROMPTUARY_JWT_SECRET_KEY is not set: there is nothing to sign with")
    return settings.jwt_secret_key.get_secret_value()


@app.command("list")
def list_keys(
    limit: Limit = 50, cursor: Cursor = None, home: Home = None, as_json: AsJson = False
) -> None:
    """List keys, newest first, revoked ones too; never a secret."""
    with opened(home) as promptuary:
        page = promptuary.keys(cursor=cursor, limit=limit)
    if as_json:
        items = [_public(key) for key in page.items]
        write_json({"items": items, "next_cursor": page.next_cursor, "total": page.total})
        return
    out = console()
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("id", "name", "scopes", "created", "state"):
        table.add_column(title, overflow="fold")
    for key in page.items:
        scopes = ", ".join(key.scopes)
        table.add_row(key.id, safe(key.name), scopes, f"{key.created_at:%Y-%m-%d}", _state(key))
    out.print(table)
    foot(out, page, "key")


@app.command()
def revoke(
    id: Annotated[str, typer.Argument(metavar="ID", help="As `keys list` shows it.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """From now on the key opens nothing."""
    with opened(home) as promptuary:
        promptuary.revoke_key(id)
    if as_json:
        write_json({"id": id, "revoked": True})
    else:
        console().print(f"key {safe(id)} is revoked")


def _public(key: ApiKey) -> dict[str, object]:
    plain = as_plain(key)
    return {n: v for n, v in plain.items() if n != "digest"} if isinstance(plain, dict) else {}


def _state(key: ApiKey) -> str:
    if key.revoked_at:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if key.expires_at is None:
        return "valid"
    expired = key.expires_at <= datetime.now(UTC)
    return f"{'expired' if expired else 'valid until'} {key.expires_at:%Y-%m-%d}"
