"""How a quick note becomes a prompt that says all it must. Begin with `refine.py`."""
