"""What clients of the older service still ask for: its paths and shapes, over the same methods."""

from __future__ import annotations

from promptuary.api.older import admin, asking, crawling, probes

OPERATIONS = (
    *asking.OPERATIONS,
    *crawling.OPERATIONS,
    *admin.OPERATIONS,
    *probes.OPERATIONS,
)
