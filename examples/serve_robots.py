"""Drives robots through TensorFlow Serving's REST interface; each keeps its own policy state.

    tensorflow_model_server --rest_api_port=8501 --model_name=sphero \
        --model_base_path=$PWD/policies/sphero/greedy
    python examples/serve_robots.py --url=http://localhost:8501/v1/models/sphero \
        --robot=sphero --robots=3 --steps=100

The server holds weights alone. All robots' observations go in one request, and what comes back is
given out again, so a robot may join, leave or begin a new episode at any time, and the server may
be restarted between two steps. `ServingClient` needs numpy and Python's own library only.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any, Dict, List, Mapping, Sequence

import numpy as np

Arrays = Dict[str, np.ndarray]
TIMEOUT_SECONDS = 30
_DTYPES = {"DT_FLOAT": "float32", "DT_UINT8": "uint8", "DT_INT32": "int32", "DT_INT64": "int64",
           "DT_BOOL": "bool"}


class ServingError(Exception):
    """The server cannot be reached, or refused a request: one line."""


class ServingClient:
    """A policy behind `<host>/v1/models/<name>`, whose state the caller holds.

    Args:
      url: of the model, without a verb; `.../versions/<number>` asks for that version.
      signature: to be called.
      row_format: send one instance a robot ("instances") instead of one array a key ("inputs").
    """

    def __init__(self, url: str, signature: str = "serving_default", row_format: bool = False):
        self._url = url.rstrip("/")
        self._signature = signature
        self._row_format = row_format
        metadata = self._ask(self._url + "/metadata")["metadata"]["signature_def"]["signature_def"]
        self.inputs = _specs(metadata[signature]["inputs"])
        self.outputs = _specs(metadata[signature]["outputs"])
        self.state_keys = sorted((set(self.inputs) & set(self.outputs)) - {"action"})

    def initial_state(self) -> Arrays:
        """Returns zeros for one robot; where `is_first` is true the policy ignores them."""
        specs = {key: self.inputs[key] for key in self.state_keys}
        return {key: np.zeros(shape, dtype) for key, (shape, dtype) in specs.items()}

    def step(self, observations: Sequence[Mapping[str, np.ndarray]], is_first: Sequence[bool],
             states: Sequence[Arrays]):
        """Asks for the actions of several robots in one request.

        Args:
          observations: of each robot, without batch dimension; more keys than needed are fine.
          is_first: of each robot, whether its episode begins.
          states: of each robot, as `initial_state` or the step before gave it.

        Returns:
          Actions and states, each a list with one entry a robot.

        Raises:
          ServingError: see there.
        """
        rows: List[Dict[str, Any]] = [
            {**{key: value for key, value in observation.items() if key in self.inputs},
             **state, "is_first": np.asarray(first)}
            for observation, first, state in zip(observations, is_first, states)]
        if self._row_format:
            instances = [{key: np.asarray(x).tolist() for key, x in row.items()} for row in rows]
            answer = self._predict({"instances": instances})["predictions"]
        else:
            inputs = {key: np.stack([row[key] for row in rows]).tolist() for key in rows[0]}
            columns = self._predict({"inputs": inputs})["outputs"]
            answer = [{key: column[i] for key, column in columns.items()}
                      for i in range(len(rows))]
        arrays = [{key: np.asarray(value, self.outputs[key][1]) for key, value in row.items()}
                  for row in answer]
        return ([row["action"] for row in arrays],
                [{key: row[key] for key in self.state_keys} for row in arrays])

    def _predict(self, request: Mapping[str, Any]) -> Dict[str, Any]:
        body = json.dumps({"signature_name": self._signature, **request}).encode()
        return self._ask(self._url + ":predict", body)

    def _ask(self, url: str, body=None) -> Dict[str, Any]:
        try:
            with urllib.request.urlopen(url, body, TIMEOUT_SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            try:
                text = json.loads(text)["error"]
            except (ValueError, KeyError, TypeError):
                pass
            raise ServingError(f"{url}: {' '.join(text.split())}") from error
        except (OSError, ValueError) as error:
            raise ServingError(f"{url} cannot be asked: {error}") from error


def _specs(signature: Mapping[str, Any]):
    """Returns key to (shape without batch, dtype) of TensorFlow Serving's metadata."""
    return {key: (tuple(int(size["size"]) for size in info["tensor_shape"].get("dim", ())[1:]),
                  _DTYPES[info["dtype"]])
            for key, info in signature.items()}


def main() -> None:
    """Lets several twins of a robot act through one server; prints each one's return."""
    from robot_envs import registry  # what a robot is, is no matter of the client
    from robot_envs.command_line import CommandLine
    from robot_envs.errors import RobotError

    parser = CommandLine("serve_robots", description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True, help=".../v1/models/<name>")
    parser.add_argument("--robot", required=True, help="as for training")
    parser.add_argument("--robots", type=int, default=3, help="how many at once")
    parser.add_argument("--steps", type=int, default=100, help="of each")
    parser.add_argument("--row_format", action="store_true", help="one instance a robot")
    arguments = parser.parse_args()
    try:
        client = ServingClient(arguments.url, row_format=arguments.row_format)
        robots = [registry.make(arguments.robot, seed=seed) for seed in range(arguments.robots)]
        returns = drive(client, robots, arguments.steps)
    except (ServingError, RobotError) as error:
        raise SystemExit(parser.fail(error)) from error
    for index, value in enumerate(returns):
        print(f"robot {index}: {value:.3f} in {arguments.steps} steps")


def drive(client: ServingClient, robots: Sequence[Any], steps: int) -> List[float]:
    """Returns the sums of rewards of environments that act through a server, and closes them."""
    returns = [0.0] * len(robots)
    try:
        time_steps = [robot.reset() for robot in robots]
        states = [client.initial_state() for _ in robots]
        for _ in range(steps):
            actions, states = client.step([t.observation for t in time_steps],
                                          [bool(t.is_first()) for t in time_steps], states)
            time_steps = [robot.step(action) for robot, action in zip(robots, actions)]
            returns = [total + float(t.reward) for total, t in zip(returns, time_steps)]
    finally:
        for robot in robots:
            robot.close()
    return returns


if __name__ == "__main__":
    main()
