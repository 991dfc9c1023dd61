"""What a template is: its text and slots, its versions, its likeness to others."""
