"""Domain randomisation: off unless asked for, inside its bounds, the same for the same seed."""

import gin
import numpy as np
import pytest

from dreamer_tf.collector import random_action
from robot_envs import registry
from robot_envs.a1.twin import A1Twin
from robot_envs.arms.twin import ArmTwin
from robot_envs.delay_line import DelayLine
from robot_envs.errors import RobotError
from robot_envs.mujoco_gl import import_mujoco
from robot_envs.randomisation import ModelRandomiser, Randomisation
from robot_envs.sphero.twin import SpheroTwin
from robot_envs.ur5.model import MODEL as UR5
from robot_envs.xarm.model import MODEL as XARM

mujoco = import_mujoco()

MODEL = """
<mujoco>
  <asset><material name="steel" rgba=".5 .5 .5 1"/></asset>
  <worldbody>
    <light diffuse=".4 .4 .4" ambient=".2 .2 .2"/>
    <camera name="eye" pos="0 0 2"/>
    <geom type="plane" size="1 1 1" material="steel"/>
    <body pos="0 0 1"><joint name="a"/><geom size=".1" mass="2" friction=".8 .01 .001"/>
      <body pos="0 0 .5"><joint name="b"/><geom size=".1" mass="1"/></body></body>
  </worldbody>
  <actuator><position joint="a" kp="10" kv="1"/><velocity joint="b" kv="3"/></actuator>
</mujoco>"""

ARRAYS = {
    "mass": ("body_mass", "body_inertia"),
    "friction": ("geom_friction",),
    "gain": ("actuator_gainprm", "actuator_biasprm"),
    "latency_seconds": (),
    "camera_meters": ("cam_pos",),
    "camera_radians": ("cam_quat",),
    "light": ("light_diffuse", "light_ambient"),
    "colour": ("geom_rgba", "mat_rgba"),
}
EVERY = sorted(set(sum(ARRAYS.values(), ())))


def _model():
    return mujoco.MjModel.from_xml_string(MODEL)


def _arrays(model):
    return {name: getattr(model, name).copy() for name in EVERY}


def _changed(model, before):
    return {name for name in EVERY if not np.array_equal(getattr(model, name), before[name])}


def test_off_by_default():
    model = _model()
    before = _arrays(model)
    drawn = ModelRandomiser(model, Randomisation(), seed=0).draw()
    assert _changed(model, before) == set()
    assert (drawn.latency_seconds, drawn.light) == (0, 1)
    assert not drawn.camera_shift_meters.any() and not drawn.colour_shifts.any()


@pytest.mark.parametrize("name", ARRAYS)
def test_each_setting_changes_what_it_names_and_nothing_else(name):
    model = _model()
    before = _arrays(model)
    drawn = ModelRandomiser(model, Randomisation(**{name: 0.3}), seed=0).draw()
    assert _changed(model, before) == set(ARRAYS[name])
    assert (drawn.latency_seconds > 0) == (name == "latency_seconds")
    assert (drawn.light != 1) == (name == "light")


def test_draws_stay_in_their_bounds_and_start_from_nominal():
    model = _model()
    before = _arrays(model)
    everything = Randomisation(0.2, 0.3, 0.1, 0.05, 0.04, 0.1, 0.5, 0.2)
    randomiser = ModelRandomiser(model, everything, seed=1)
    shares = {"body_mass": 0.2, "body_inertia": 0.2, "geom_friction": 0.3, "actuator_gainprm": 0.1,
              "actuator_biasprm": 0.1, "light_diffuse": 0.5, "light_ambient": 0.5}
    reached = dict.fromkeys(shares, 0.0)
    for _ in range(200):
        drawn = randomiser.draw()
        assert 0 <= drawn.latency_seconds <= 0.05
        assert np.abs(model.cam_pos - before["cam_pos"]).max() <= 0.04 + 1e-12
        assert np.linalg.norm(model.cam_quat[0]) == pytest.approx(1)
        # The angle between the two: 2 arccos of the quaternions' product.
        cosine = min(1.0, abs(float(model.cam_quat[0] @ before["cam_quat"][0])))
        assert 2 * np.arccos(cosine) <= np.sqrt(3) * 0.1 + 1e-6
        for name, reach in shares.items():
            nominal = before[name]
            ratio = getattr(model, name)[nominal != 0] / nominal[nominal != 0]
            assert np.abs(ratio - 1).max() <= reach + 1e-6
            reached[name] = max(reached[name], np.abs(ratio - 1).max())
        assert 0 <= model.geom_rgba.min() and model.geom_rgba.max() <= 1
        assert np.all(model.geom_rgba[:, 3] == before["geom_rgba"][:, 3])
    assert all(reached[name] > 0.9 * reach for name, reach in shares.items()), reached


def test_what_follows_from_the_masses_follows():
    model = _model()
    ModelRandomiser(model, Randomisation(mass=0.5), seed=2).draw()
    assert model.body_subtreemass[1] == pytest.approx(model.body_mass[1] + model.body_mass[2])
    assert model.body_mass[1] / 2 != pytest.approx(model.body_mass[2])  # Each on its own.


def test_servos_keep_the_ratio_of_their_gains():
    model = _model()
    ModelRandomiser(model, Randomisation(gain=0.5), seed=2).draw()
    assert model.actuator_biasprm[0, 1] == -model.actuator_gainprm[0, 0]
    assert model.actuator_biasprm[0, 2] == pytest.approx(-model.actuator_gainprm[0, 0] / 10)
    assert model.actuator_biasprm[1, 2] == -model.actuator_gainprm[1, 0]


def test_light_set_by_people_is_a_factor():
    model = _model()
    randomiser = ModelRandomiser(model, Randomisation(light=0.5), seed=3)
    drawn = randomiser.draw().light
    randomiser.set_light(0.5)
    np.testing.assert_allclose(model.light_diffuse[0], 0.4 * 0.5 * drawn, rtol=1e-6)
    drawn = randomiser.draw().light
    np.testing.assert_allclose(model.light_diffuse[0], 0.4 * 0.5 * drawn, rtol=1e-6)


@pytest.mark.parametrize("settings", [{"mass": -0.1}, {"light": 1.0}, {"colour": np.nan}])
def test_wrong_settings_are_named(settings):
    name, = settings
    with pytest.raises(RobotError, match=f"Randomisation.{name} must be at least 0"):
        Randomisation(**settings)


def test_delay_line():
    line = DelayLine()
    line.hold(0)
    assert [int(line(value)) for value in (1, 2)] == [1, 2]
    line.steps = 2
    assert [int(line(value)) for value in (3, 4, 5, 6)] == [2, 2, 3, 4]
    line.steps = 0
    assert int(line(7)) == 7
    line.steps = 3
    line.hold(9)
    assert int(line(8)) == 9


def _rollout(name, seed, **overrides):
    env = registry.make(name, seed=seed, episode_steps=5, **overrides)
    steps = []
    for index in range(12):
        steps.append(env.step(random_action(env.action_spec(), (index,))))
    env.close()
    return steps


def _differ(one, other):
    return any(not np.array_equal(a.observation[key], b.observation[key])
               for a, b in zip(one, other) for key in a.observation)


@pytest.mark.parametrize("name", ["a1", "sphero", "ur5"])
def test_twins_follow_gin_and_the_seed(name):
    plain = _rollout(name, 1)
    with gin.unlock_config():
        gin.parse_config("Randomisation.mass = 0.3\nRandomisation.gain = 0.3\n"
                         "Randomisation.colour = 0.1")
    first, again, other = _rollout(name, 1), _rollout(name, 1), _rollout(name, 2)
    assert _differ(plain, first) and not _differ(first, again) and _differ(first, other)


def test_each_episode_of_a_twin_is_another_robot():
    twin = A1Twin(seed=0, randomisation=Randomisation(mass=0.3))
    masses = []
    for _ in range(3):
        twin.vary()
        masses.append(twin._model.body_mass.sum())
    assert len(set(masses)) == 3


def test_latency_makes_the_a1_follow_later():
    moved = []
    for late in (0.0, 0.05):
        twin = A1Twin(seed=0, randomisation=Randomisation(latency_seconds=late))
        twin._randomiser._random = np.random.default_rng(5)
        twin.vary()
        start = twin.read().values["joint_angles"]
        twin.command(start + 0.15, 0.05)
        moved.append(float(np.abs(twin.read().values["joint_angles"] - start).mean()))
    assert moved[1] < 0.7 * moved[0], moved


def test_latency_makes_the_sphero_drive_less_far():
    twin = SpheroTwin(seed=0, randomisation=Randomisation(latency_seconds=0.4))
    twin.vary()
    twin.command(np.ones(2), 0.5)
    late = twin.read().values["position"]
    plain = SpheroTwin(seed=0)
    start = plain.read().values["position"]
    plain.command(np.ones(2), 0.5)
    on_time = plain.read().values["position"]
    assert np.linalg.norm(late - start) < 0.95 * np.linalg.norm(on_time - start)


@pytest.mark.parametrize("settings", [{"camera_meters": 0.1}, {"colour": 0.3}, {"light": 0.5}])
def test_the_spheros_camera_sees_what_is_drawn(settings):
    plain = SpheroTwin(seed=0)
    twin = SpheroTwin(seed=0, randomisation=Randomisation(**settings))
    usual = plain.read().values["image"]
    twin.vary()
    one = twin.read().values["image"]
    twin.vary()
    two = twin.read().values["image"]
    assert np.any(one != usual) and np.any(one != two)
    np.testing.assert_array_equal(twin.read().values["position"], plain.read().values["position"])


@pytest.mark.parametrize("arm", [UR5, XARM], ids=["ur5", "xarm"])
@pytest.mark.parametrize("settings", [{"camera_meters": 0.1}, {"camera_radians": 0.1},
                                      {"colour": 0.3}, {"light": 0.5}])
def test_the_arms_camera_sees_what_is_drawn(arm, settings):
    twin = ArmTwin(arm, seed=0, randomisation=Randomisation(**settings))
    pictures = [twin.read().values["image"].astype(int)]
    for _ in range(2):
        twin.vary()
        pictures.append(twin.read().values["image"].astype(int))
    assert all(np.abs(a - b).mean() > 1 for a, b in zip(pictures, pictures[1:]))


def test_latency_makes_a_gripper_close_later_and_no_command_longer():
    closed, seconds = [], []
    for late in (0.0, 0.1):
        twin = ArmTwin(UR5, seed=0, randomisation=Randomisation(latency_seconds=late))
        twin.vary()
        before = twin.read()
        twin.command(np.array([*before.values["pose"][:3], 1.0]), 0.06)
        after = twin.read()
        closed.append(float(after.values["gripper_position"]))
        seconds.append(after.time - before.time)
    assert closed[1] < 0.8 * closed[0], closed
    np.testing.assert_allclose(seconds, 0.06, atol=0.005)


def test_a_camera_that_moves_right_sees_the_robot_further_left():
    twin = SpheroTwin(seed=0)
    columns = []
    for shift in (0.0, 0.2):
        twin._image.vary((shift, 0.0), np.zeros(3), np.zeros(3))
        bright = twin.read().values["image"].min(-1) > 180
        columns.append(np.nonzero(bright)[1].mean())
    assert columns[1] < columns[0] - 5


def test_light_and_pushes_in_the_middle_of_a_run():
    env = registry.make("sphero", seed=0)
    env.reset()
    still = np.zeros(2, np.float32)
    before = env.step(still).observation["image"].mean()
    env.set_light(0.4)
    after = env.step(still).observation["image"].mean()
    assert after == pytest.approx(0.4 * before, rel=0.05)
    with pytest.raises(RobotError, match="SpheroTwin cannot be pushed"):
        env.push(np.ones(3))
    env.close()
    env = registry.make("a1", seed=0)
    env.reset()
    still = np.zeros(12, np.float32)
    for _ in range(20):
        env.step(still)
    calm = env.get_info()["speed"]
    env.push(np.array([12.0, 0.0, 0.0]))
    env.step(still)
    assert env.get_info()["speed"] > calm + 0.2
    env.set_light(0.5)
    env.close()
