"""What a chat model may do with an answer over events: word it, and choose what to ask for."""
