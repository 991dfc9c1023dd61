"""Where older services keep their prompts; a module's name is its URL's scheme."""
