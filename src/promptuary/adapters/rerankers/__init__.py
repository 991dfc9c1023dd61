"""Second looks at what was found."""
