"""What clients of other libraries look for under its old name; thin translations, no logic."""
