"""UR5: visual pick and place."""
