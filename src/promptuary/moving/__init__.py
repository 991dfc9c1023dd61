"""Moving the index from one store to another: verified, and reversible until it is finalised."""
