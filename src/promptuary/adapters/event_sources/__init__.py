"""Where events come from; a module's name is its URL's scheme."""
