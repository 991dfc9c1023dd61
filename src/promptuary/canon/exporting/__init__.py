"""A template as other tools read it: one module a kind of form."""
