"""The reacher as numbers. Units are in the names.

Readings of the robot: 'angles' (2,) in radians and 'speeds' (2,) in radians a second, of the
shoulder and the elbow. Command: the speeds (2,) that the joints shall have.
"""

RATE_HZ = 10.0
EPISODE_STEPS = 50
LINKS_METERS = (0.12, 0.1)
SPEED_AT_FULL_ACTION_RADIANS_PER_SECOND = 3.0
GOAL_MIN_METERS = 0.06  # From the shoulder, at any angle.
GOAL_MAX_METERS = 0.2

# The twin alone.
SUBSTEP_SECONDS = 0.01
MOTOR_SECONDS = 0.05  # In which a joint gains 63% of the speed that it shall have.
