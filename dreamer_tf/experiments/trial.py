"""What a run's policy is worth, frozen, in a world that something disturbs."""
from __future__ import annotations

from typing import Any, Callable, Dict, Optional, Sequence

import gin
import numpy as np

from dreamer_tf.experiments.recovery import POSE, Recovery
from dreamer_tf.export import restore_agent
from dreamer_tf.run_folder import RunFolder
from robot_envs import registry, settings
from robot_envs.environment_info import info_of


def play(folder: RunFolder, bindings: Sequence[str], steps: int, *, seed: int,
         stop: Callable[[], bool]) -> Optional[Dict[str, Any]]:
    """Lets the collecting policy of a run's newest checkpoint act; nothing is learnt.

    Args:
      folder: of the run, one of Dreamer's.
      bindings: gin settings of the robot's world, such as `Disturbances.light = 0.4`.
      steps: environment steps to play, over as many episodes as that takes.
      seed: of the twin and of what disturbs it.
      stop: asked before each step.

    Returns:
      'env_steps' and 'mean_reward', and for a robot that can fall 'falls', 'got_up',
      'seconds_to_get_up' (mean) and 'first_up_seconds', None where there was none; None when `stop`
      said so.

    Raises:
      UserError, RobotError: there is no checkpoint, or the robot fails.
    """
    agent, _ = restore_agent(folder)
    entry = registry.get(folder.read_run()['robot'])
    with gin.unlock_config():
        settings.bind(entry, 'twin', bindings)
    env = registry.make(entry.name, seed=seed)
    recovery, rewards = Recovery(entry.rate_hz), []
    legged = False
    try:
        runner = agent.runner(env, greedy=False)
        time_step = env.reset()
        for _ in range(steps):
            if stop():
                return None
            if time_step.is_last():
                time_step = env.reset()
            time_step = env.step(runner.action(time_step))
            rewards.append(float(time_step.reward))
            info = info_of(env)
            legged = set(POSE) <= set(info)
            if legged:
                recovery.add(info)
    finally:
        env.close()
    measured: Dict[str, Any] = {'env_steps': steps, 'mean_reward': round(np.mean(rewards), 4)}
    return {**measured, **_account(recovery)} if legged else measured


def _account(recovery: Recovery) -> Dict[str, Any]:
    down = recovery.seconds_down
    return {'falls': recovery.falls, 'got_up': len(down),
            'seconds_to_get_up': round(float(np.mean(down)), 2) if down else None,
            'first_up_seconds': recovery.first_up_seconds}
