"""The client for TensorFlow Serving, against the signatures behind its REST format."""
import numpy as np
import pytest

from dreamer_tf.serving import parity
from examples import serve_robots as example
from rest_server import serve
from robot_envs import registry
from serving_exports import ENV_STEPS, export

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("exports")]
ROBOTS = 3


@pytest.fixture(scope="module", params=["a1", pytest.param("ur5", marks=pytest.mark.long)])
def served(request):
    made = export(request.param)
    with serve(request.param, made.out / "greedy") as url:
        yield made, url


@pytest.mark.parametrize("row_format", [True, False])
def test_robots_at_once_get_the_actions_of_the_live_policy(served, row_format):
    made, url = served
    client = example.ServingClient(f"{url}/versions/{ENV_STEPS}", row_format=row_format)
    assert client.state_keys == ["deter", "prev_action", "stoch"]
    offsets = np.arange(ROBOTS) * len(made.recording) // ROBOTS
    states, actions = [client.initial_state() for _ in range(ROBOTS)], []
    for t in range(len(made.recording)):
        inputs = made.recording.at((t + offsets) % len(made.recording))
        first = [bool(x) or t == 0 for x in inputs.pop("is_first")]
        observations = [{key: value[i] for key, value in inputs.items()} for i in range(ROBOTS)]
        action, states = client.step(observations, first, states)
        actions.append(action)
    policy = made.agent.policy
    expected = parity.play(policy, parity.live_step(policy), made.recording, ROBOTS)
    np.testing.assert_allclose(np.asarray(actions), expected, atol=1e-5)
    assert np.asarray(actions).dtype == expected.dtype


def test_twins_drive_over_the_newest_version(served):
    made, url = served
    robot = made.source.robot
    robots = [registry.make(robot, seed=seed) for seed in range(2)]
    assert np.all(np.isfinite(example.drive(example.ServingClient(url), robots, 3)))


def test_what_the_server_refuses_is_told_in_one_line(served):
    made, url = served
    client = example.ServingClient(url)
    seen = {key: value[0] for key, value in made.recording.observation.items()}
    key = sorted(seen)[0]
    with pytest.raises(example.ServingError, match=f"{key}: shape"):
        client.step([{**seen, key: seen[key][:1]}], [True], [client.initial_state()])
    with pytest.raises(example.ServingError, match="signature has"):
        client.step([{}], [True], [client.initial_state()])
    with pytest.raises(example.ServingError, match="cannot be asked"):
        example.ServingClient("http://127.0.0.1:9/v1/models/none")
