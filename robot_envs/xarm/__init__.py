"""xArm7: visual pick and place."""
