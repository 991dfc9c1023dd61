"""Where files are kept under names."""
