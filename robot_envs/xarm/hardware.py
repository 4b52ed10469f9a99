"""What makes an arm's hardware the xArm7: `ArmHardware(PARTS, ...)`."""

from __future__ import annotations

from robot_envs.arms.hardware import ArmParts

# Control, reports.
PARTS = ArmParts(
    name='xarm',
    package='xarm',
    guarded='robot_envs.xarm.guarded_xarm',
    depth=True,
    ports=(502, 30001, 30002, 30003),
    emulated={'connect_seconds': 60.0},
    patient={},
)
