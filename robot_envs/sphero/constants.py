"""The Sphero task and twin as numbers. Units are in the names.

"Arena units" go from 0 to 1 along each axis, x to the right and y down in the camera's picture.
Observation of the robot: 'image' uint8 (64, 64, 3), 'position' (2,) in arena units, and from the
twin only 'heading' () in radians, which no task observes. Command: left and right motor, 1 being
an action of 1; the robot takes up to `COMMAND_LIMIT`, the policy only [-1, 1].
"""

# The task, as in the published system.
IMAGE_SIZE_PX = 64
RATE_HZ = 2.0
EPISODE_STEPS = 100
ACTION_MIN = -1.0
ACTION_MAX = 1.0
NUM_MOTORS = 2
MOTOR_SCALE_RAW = 70  # An action of 1 is this raw motor value ...
MOTOR_LIMIT_RAW = 255  # ... of this largest one.
COMMAND_LIMIT = MOTOR_LIMIT_RAW / MOTOR_SCALE_RAW
GOAL_ARENA = (0.825, 0.165)
SUCCESS_DISTANCE_ARENA = 0.1
RESET_BURSTS = 5
RESET_BURST_RAW = 100  # Each motor full this far forward or back, by chance.
RESET_BURST_SECONDS = 1.0
RESET_SETTLE_SECONDS = 4.0

# The twin; `sphero.xml` holds the same lengths.
ARENA_X_METERS = 1.5
ARENA_Y_METERS = 0.8
WALL_METERS = 0.05
ROBOT_RADIUS_METERS = 0.06
WHEEL_RADIUS_METERS = 0.03
# Nobody published speed and track. The hidden wheels stand wider than the shell, as if the tyres
# slipped when it turns: independent random motors then turn it by .3 rad a step and it wanders.
# With .11 m between the wheels they turned it in circles of 5 cm, and the heading, which no picture
# shows, was lost within two steps: a small world model had not learnt it in 1,000 updates.
TRACK_METERS = 0.3
SPEED_AT_FULL_ACTION_METERS_PER_SECOND = 0.2
START_ARENA = (0.25, 0.75)  # As far from the goal as the published run begins, .67.
LIGHT_MIN = 0.2  # Of the usual light.
LIGHT_MAX = 1.6
