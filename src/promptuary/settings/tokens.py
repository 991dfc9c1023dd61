"""The settings of signed tokens."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, SecretStr

from promptuary.settings.forms import upper


class TokenSettings(BaseModel):
    """With what tokens are signed, and what they must say."""

    jwt_secret_key: SecretStr | None = Field(
        default=None,
        description="With what JSON Web Tokens are checked: a secret of 32 bytes or more (HS256), "
        "or a public key in PEM (RS256). Empty: no token is let in.",
    )
    jwt_algorithm: Annotated[Literal["HS256", "RS256"], BeforeValidator(upper)] = Field(
        default="HS256", description="The one algorithm that is let in: `HS256` or `RS256`."
    )
    jwt_expire_minutes: float = Field(
        default=60, gt=0, description="How long a token lives that `promptuary keys token` makes."
    )
    jwt_issuer: str = Field(
        default="", description="Who must have issued a token (`iss`). Empty: anybody with the key."
    )
    jwt_audience: str = Field(
        default="", description="For whom a token must be (`aud`). Empty: that is not looked at."
    )
