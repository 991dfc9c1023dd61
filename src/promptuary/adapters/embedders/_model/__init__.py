"""Sentence encoders of the BERT family, read from a folder without torch."""
