"""The prompt library over HTTP: kept, found, rendered, labelled."""

from __future__ import annotations

from promptuary.api.library import (
    analytics,
    experiments,
    finding,
    prompts,
    recommending,
    searching,
    slots,
    versions,
)

OPERATIONS = (
    *analytics.OPERATIONS,
    *recommending.OPERATIONS,
    *experiments.OPERATIONS,
    *slots.OPERATIONS,
    *versions.OPERATIONS,
    *searching.OPERATIONS,
    *finding.OPERATIONS,
    *prompts.OPERATIONS,
)
"""In the order that paths are tried: a slug holds slashes, so what follows one comes first."""
