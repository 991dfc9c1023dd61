"""What clients of the older services still ask for: its paths and shapes, over the same methods."""

from __future__ import annotations

from promptuary.api.older import admin, asking, crawling, datasets, evolving, probes

OPERATIONS = (
    *asking.OPERATIONS,
    *crawling.OPERATIONS,
    *datasets.OPERATIONS,
    *evolving.OPERATIONS,
    *admin.OPERATIONS,
    *probes.OPERATIONS,
)
