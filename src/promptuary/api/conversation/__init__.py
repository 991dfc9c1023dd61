"""Events and conversations over HTTP."""

from __future__ import annotations

from promptuary.api.conversation import (
    beating,
    clips,
    conversing,
    events,
    muting,
    noticing,
    relating,
    searching,
)

OPERATIONS = (
    *events.OPERATIONS,
    *conversing.OPERATIONS,
    *clips.OPERATIONS,
    *relating.OPERATIONS,
    *searching.OPERATIONS,
    *noticing.OPERATIONS,
    *muting.OPERATIONS,
    *beating.OPERATIONS,
)
