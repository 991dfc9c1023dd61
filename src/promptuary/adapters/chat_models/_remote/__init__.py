"""What models behind an endpoint share: the request, the reply that is checked, the stream."""
