"""The HTTP face: what comes in is checked here, what happens is the facade's business."""
