"""Templates of machine lines, such as logs. `mine.py` is the path."""
