"""An environment for tests of wrappers: it keeps what reaches it."""

import numpy as np
from tf_agents.environments import py_environment
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts


class EchoEnvironment(py_environment.PyEnvironment):
    """Endless; observes the last action, keeps all of them in `actions`."""

    def __init__(self, spec=None, on_step=lambda: None):
        super().__init__()
        self._spec = spec or array_spec.BoundedArraySpec((2,), np.float32, -1.0, 1.0, "action")
        self._on_step = on_step
        self.actions = []

    def action_spec(self):
        return self._spec

    def observation_spec(self):
        return {"state": array_spec.ArraySpec((1,), np.float32, "state")}

    def get_info(self):
        return {"steps": len(self.actions)}

    def _reset(self):
        return ts.restart({"state": np.zeros(1, np.float32)})

    def _step(self, action):
        self.actions.append(np.array(action))
        self._on_step()
        return ts.transition({"state": np.zeros(1, np.float32)}, 0.0)
