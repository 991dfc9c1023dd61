"""What changed in the traffic of a template, and when: plain computation over prompts in time."""
