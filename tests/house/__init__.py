"""The rules of the house as pure functions over source files, and the tests that apply them."""
