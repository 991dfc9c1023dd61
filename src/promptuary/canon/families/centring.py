"""Meaning relative to what texts have in common anyway.

Vectors of any embedder lean to one side, and those of one domain even more; what is left after the
mean is taken off tells texts apart (Mu and Viswanath, "All-but-the-Top", 2018).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

PRIOR = 50
"""As many rows of background are mixed into a mean: a few texts have no telling mean."""

BACKGROUND = (
    "What is the weather going to be tomorrow?",
    "Write a short story about an old lighthouse.",
    "Fix the bug in this function and explain what was wrong.",
    "Translate the following sentence.",
    "Can you recommend a good restaurant near the station?",
    "Summarise the minutes of our last meeting.",
    "My order has still not arrived, please help.",
    "How many people live on the island?",
    "List three advantages and three drawbacks.",
    "Is this review positive or negative?",
    "Play some quiet music.",
    "Draft a polite reply to this letter.",
    "Which of the two statements follows from the text?",
    "Give me a recipe for onion soup.",
    "Extract all names and dates as JSON.",
    "You are a patient teacher of mathematics.",
    "Remind me to water the plants on Friday.",
    "What does this error message mean?",
    "Compare these two cars.",
    "Who painted the ceiling?",
    "Quel temps fera-t-il demain ?",
    "Fasse den folgenden Text in zwei Sätzen zusammen.",
    "¿Cómo se dice esto en inglés?",
    "Напиши короткое письмо коллеге.",
    "请把下面的句子翻译成英文。",
    "この文章を要約してください。",
    "اكتب رسالة قصيرة إلى صديق.",
    "निम्नलिखित प्रश्न का उत्तर दीजिए।",
)
"""Requests about anything, for the mean of a space where little else is known."""


def centred(rows: Floats, background: Floats) -> Floats:
    """Rows of length one (or zero) less their mean, which `background` helps to tell."""
    prior = background.mean(axis=0) if len(background) else np.zeros(rows.shape[1], np.float32)
    known = rows.any(axis=1, keepdims=True)
    mean = (rows.sum(axis=0) + PRIOR * prior) / (int(known.sum()) + PRIOR)
    return unit(np.where(known, rows - mean, 0).astype(np.float32))


def unit(rows: Floats) -> Floats:
    """Each row scaled to length one; a zero row stays."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Floats = (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return scaled
