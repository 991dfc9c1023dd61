"""Events and conversations over HTTP."""

from __future__ import annotations

from promptuary.api.conversation import conversing, events, muting, noticing

OPERATIONS = (*events.OPERATIONS, *conversing.OPERATIONS, *noticing.OPERATIONS, *muting.OPERATIONS)
