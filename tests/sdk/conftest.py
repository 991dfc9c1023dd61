"""The homes of the API's tests, behind every face."""

from __future__ import annotations

from api.conftest import mined as mined  # noqa: PLC0414 - a fixture, known from here
