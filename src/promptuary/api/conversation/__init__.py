"""Events and conversations over HTTP."""

from __future__ import annotations

from promptuary.api.conversation import clips, conversing, events, muting, noticing

OPERATIONS = (
    *events.OPERATIONS,
    *conversing.OPERATIONS,
    *clips.OPERATIONS,
    *noticing.OPERATIONS,
    *muting.OPERATIONS,
)
