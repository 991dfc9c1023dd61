"""`python -m promptuary`: the command line, where its script is not on the path."""

from __future__ import annotations

from promptuary.cli import main

main()
