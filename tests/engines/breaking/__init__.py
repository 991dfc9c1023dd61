"""How the tests break each engine, for `promptuary.testing.index_faults`."""
