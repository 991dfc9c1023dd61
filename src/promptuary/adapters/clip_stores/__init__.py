"""Where recordings of events lie; a module's name is its URL's scheme."""
