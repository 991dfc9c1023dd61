"""What the capabilities need from the world: one protocol a file, its docstring is the specification."""
