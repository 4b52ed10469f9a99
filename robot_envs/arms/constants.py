"""The pick-and-place task of both arms as numbers. Units are in the names.

Readings of the robot: 'image' uint8 (64, 64, 3); with a depth camera 'depth' uint8 (64, 64, 1);
'pose' (6,) of the tool point in the robot's base frame, x, y, z in metres and a rotation vector in
radians; 'joint_angles' (N,) in radians; 'gripper_position' (), 0 open and 1 closed; and from a twin
only 'objects' (n, 3), their middles in metres in the base frame, which no task observes. Command:
x, y, z of the tool point in metres and the gripper, 0 open and 1 closed, (4,).
"""

import numpy as np

# The task, as in the published system.
IMAGE_SIZE_PX = 64
EPISODE_STEPS = 100
GRID_METERS = 0.04
GRASP_POSITION_MIN = 0.015
GRASP_POSITION_MAX = 0.985
LOST_AFTER_STEPS = 1000  # Without a grasp: resets look into the other bin.
REWARD_GRASP = 1.0
REWARD_SAME_BIN = -1.0
REWARD_OTHER_BIN = 10.0

# Actions. The first four move by one cell of the grid along an axis of the base frame.
MOVES = ((0, -1), (0, 1), (1, -1), (1, 1))  # (axis, sign): -x, +x, -y, +y.
TOGGLE_GRIPPER = 4
TOGGLE_HEIGHT = 5
NUM_ACTIONS = 6

# Sides, as the one-hot observations count them. Left and right are the robot's own.
OTHER, LEFT, RIGHT = 0, 1, 2
NUM_SIDES = 3
SIDE_MARGIN_METERS = 0.02  # Beyond the outermost cells a tool still counts as in the bin.

# Bins of the twins, in metres from the middle between them: across (left is positive) and along.
# `bins.xml` holds the same lengths.
INNER_CELL_METERS = 0.10
OUTER_CELL_METERS = 0.14
ALONG_METERS = np.array([-0.12, -0.08, -0.04, 0.0, 0.04, 0.08, 0.12])
FLOOR_ACROSS_METERS = (0.08, 0.16)  # The flat part; slopes begin here.
FLOOR_ALONG_METERS = 0.10
BIN_ACROSS_METERS = 0.24
BIN_ALONG_METERS = 0.19

# Gripper and objects of the twins; `gripper.xml` holds the same.
FINGER_TRAVEL_METERS = 0.0425
TOOL_METERS = 0.15  # From the flange to the point between the pads.
PAD_HALF_WIDTH_METERS = 0.022
GRIPPER_FORCE_NEWTON = 25.0
GRIPPER_COMMAND_METERS = (-0.004, 0.06)  # Open and closed: past both ends, so that it presses.
TABLE_TOOL_METERS = 0.022  # Height of the tool point over the bins' floor, there and at hover.

# Inverse kinematics of the twins.
IK_DAMPING = 0.01
IK_PULL = 0.2  # Towards home, in the null space.
WAY_POINTS = 5  # An action.

# Cameras of the twins.
CAMERA_DISTANCE_METERS = 10.0
DEPTH_RANGE_METERS = (-0.2, 0.13)  # 0 and 255 of 'depth', along the view from the picture's middle.
LIGHT_MIN = 0.2  # Of the usual light.
LIGHT_MAX = 1.6
