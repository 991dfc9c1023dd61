"""Measuring the outcome on labelled data."""
