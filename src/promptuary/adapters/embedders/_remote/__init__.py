"""Models behind HTTP endpoints of the OpenAI shape."""
