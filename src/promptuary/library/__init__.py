"""The prompt library: kept prompts, versioned, labelled, rendered, found."""
