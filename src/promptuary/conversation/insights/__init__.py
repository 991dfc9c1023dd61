"""What is unusual in a stream of events, noticed while it happens."""
