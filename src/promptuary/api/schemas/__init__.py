"""What goes over the wire, one file a noun: pydantic models with examples."""
