"""From a query to found things: words and meaning at once, fused, explained."""
