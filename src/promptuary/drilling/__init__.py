"""Rehearsals of moves, in folders of their own, with faults, live traffic and the way back."""
