"""What the capabilities need from the world: a protocol a file, specified by its docstring."""
