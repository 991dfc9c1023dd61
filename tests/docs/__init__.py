"""Reading the documentation: its code blocks, links and sentences, and what it has to cover."""
