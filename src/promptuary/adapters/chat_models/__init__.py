"""Chat models: messages in, a worded reply out."""
