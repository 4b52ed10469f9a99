"""The A1 task and twin as numbers. Units are in the names.

Joints are FR, FL, RR, RL (front or rear, right or left), each hip, thigh, calf; arrays over joints
are (12,) in this order. Trunk axes: x forward, y left, z up.

Readings of the robot: 'orientation' (4,) unit quaternion w, x, y, z; 'angular_velocity' (3,) in
radians a second about the trunk's axes; 'velocity' (3,) in metres a second in the world, the mean
over the last command; 'joint_angles' (12,) in radians, not wrapped. Command: target joint angles
(12,) in radians, reached along a straight line when its time is over.
"""

import numpy as np

# The task, as in the published system.
RATE_HZ = 20.0
EPISODE_STEPS = 250
ACTION_MIN = -1.0
ACTION_MAX = 1.0
NUM_LEGS = 4
NUM_JOINTS = 12
FILTER_CUTOFF_HZ = 1.5
ACTION_LOW_RADIANS = np.array([-0.7868, -0.9948, -2.6787] * NUM_LEGS)
ACTION_HIGH_RADIANS = np.array([0.7868, 3.6652, -1.6284] * NUM_LEGS)
JOINT_LOW_RADIANS = np.array([-0.802851, -1.0472, -2.69653] * NUM_LEGS)
JOINT_HIGH_RADIANS = np.array([0.802851, 4.18879, -0.916298] * NUM_LEGS)
# A target is never further than this from the measured angle.
TARGET_REACH_RADIANS = 0.2
STANDING_NORMALISED = np.array([0.0, -0.2, 1.0] * NUM_LEGS)
REWARD_GATE = 0.7
REWARD_SPEED_METERS_PER_SECOND = 0.3
REWARD_VELOCITY_WEIGHT = 10.0

# The twin; `a1.xml` holds lengths, masses and gains.
STANDING_RADIANS = np.array([0.0, 0.9, -1.8] * NUM_LEGS)
START_HEIGHT_METERS = 0.09
START_JOINT_NOISE_RADIANS = 0.1
START_SETTLE_SECONDS = 1.0
TORQUE_LIMIT_NEWTON_METERS = 33.5
MASS_MIN_KILOGRAMS = 12.0
MASS_MAX_KILOGRAMS = 13.0
