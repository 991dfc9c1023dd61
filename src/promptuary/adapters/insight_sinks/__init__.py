"""Whom insights are told to; a module's name is its URL's scheme."""
