"""Discovery: templates out of raw prompts nobody has explained yet. `discover.py` is the path."""
