"""Insights beside what was truly unusual: labelled oddities, and labelled windows of series."""
