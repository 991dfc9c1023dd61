"""Where older services keep their conversations; a module's name is its URL's scheme."""
