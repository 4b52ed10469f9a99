"""What the arms share: the pick-and-place task, its twin, and the picture of it."""
