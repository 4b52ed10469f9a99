"""What makes an arm's hardware the UR5: `ArmHardware(PARTS, ...)`."""

from __future__ import annotations

from robot_envs.arms.hardware import ArmParts

# RTDE, dashboard, script upload, gripper.
PARTS = ArmParts(
    name='ur5',
    package='rtde_control',
    guarded='robot_envs.ur5.guarded_ur5',
    depth=False,
    ports=(30004, 29999, 30003, 63352),
    emulated={'connect_seconds': 60.0},
    patient={'watchdog_hz': 1.0},
)
