"""The reward of pick and place."""

from __future__ import annotations

from robot_envs.arms import constants


def holds(gripper_position: float) -> bool:
    """Returns whether a gripper that was told to close is kept from it by an object.

    Args:
        gripper_position: 0 open, 1 closed.
    """
    return constants.GRASP_POSITION_MIN < gripper_position < constants.GRASP_POSITION_MAX


def reward(held: bool, holding: bool, grasped_side: int, side: int) -> float:
    """Returns the reward of a step (DayDreamer, Wu et al. 2022, section 3.2).

    +1 for a grasp, -1 for a release into the bin that the object came from, +10 for one into the
    other bin, else 0. An arm that arrives in the other bin lets go by itself, so to arrive there
    with the object is the release.

    Args:
        held: whether it held something before the step.
        holding: whether it does after it.
        grasped_side: bin of the last grasp.
        side: where the tool is after the step.
    """
    if not held:
        return constants.REWARD_GRASP if holding else 0.0
    if holding and side not in (grasped_side, constants.OTHER):
        return constants.REWARD_OTHER_BIN
    if not holding and side == grasped_side:
        return constants.REWARD_SAME_BIN
    return 0.0
