"""Published contracts that an adapter proves itself with, and fakes that are marked as fakes."""
