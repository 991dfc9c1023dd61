"""Names and descriptions by a chat model: what it is shown, and what is taken of it."""
