"""`python -m promptuary.cli`."""

from promptuary.cli import main

main()
