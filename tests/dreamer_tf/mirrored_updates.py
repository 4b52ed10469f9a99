"""The same updates on one device and on two; run as a program: `mirrored_updates.py FOLDER`.

A program, since logical devices are there from TensorFlow's start or not at all. It leaves in the
folder what `test_mirrored_agent.py` looks at: the checkpoints `one` and `two` after the updates,
and `facts.json`.
"""

import json
import pathlib
import sys

import numpy as np
import tensorflow as tf
from tf_agents.policies import policy_saver
from tiny_core import IMAGE, make_agent, make_batch

import dreamer_tf.agent
import dreamer_tf.imagination
import dreamer_tf.layers.rssm
from dreamer_tf.math.random import make_seed
from dreamer_tf.optimizers import make_optimizer, minimise
from dreamer_tf.policy_runner import PolicyRunner
from dreamer_tf.replicas import in_replicas, replica_number, scope_on

DEVICES = ("CPU:0", "CPU:1")
UPDATES = 3
SETTINGS = {"shapes": IMAGE, "slow_every": 2, "centre_reward": True}


def of_the_whole_batch(draw, axis):
    """Makes a drawing function give a replica its rows along ``axis`` of one device's noise."""

    def drawn(shape, seed):
        if not in_replicas():
            return draw(shape, seed)
        whole = [size * len(DEVICES) if i == axis else size for i, size in enumerate(shape)]
        parts = tf.split(draw(whole, seed), len(DEVICES), axis)
        return tf.gather(tf.stack(parts), replica_number()[0])

    return drawn


def draw_as_one_device(*agents):
    """From here on noise is that of one device, however many there are: updates are comparable."""
    dreamer_tf.agent.replica_number = lambda: ()
    for module, axis in ((dreamer_tf.layers.rssm, 1), (dreamer_tf.imagination, 0)):
        module.race_noise = of_the_whole_batch(module.race_noise, axis)
    for agent in agents:
        agent.behavior.actor.noise = of_the_whole_batch(agent.behavior.actor.noise, 1)


def variables(agent):
    """All variables that a checkpoint of the agent holds."""
    checkpoint = tf.train.Checkpoint(**agent.checkpoint_items())
    objects = tf.train.TrackableView(checkpoint).descendants()
    return [x for x in objects if isinstance(x, tf.Variable)]


def differing_copies(agent):
    """Names of the variables whose copies are not the same on all devices, bit for bit."""
    copies = {x.name: [copy.numpy() for copy in x.values] for x in variables(agent)}
    return [name for name, (a, b) in copies.items() if not np.array_equal(a, b)]


def seeds_of_replicas(strategy):
    """The seed of each replica, and the one without replicas, for the same update."""
    seeds = strategy.run(tf.function(lambda: make_seed(0, 5, *replica_number())))
    values = [make_seed(0, 5), *strategy.experimental_local_results(seeds)]
    return [value.numpy().tolist() for value in values]


def steps_with_loss_scaling(strategy):
    """Weights, norm and loss scale after a step, and after one that only one replica cannot do."""
    with strategy.scope():
        weight = tf.Variable([1.0, 1.0], name="kernel")
        optimizer = make_optimizer([weight], 0.1, loss_scaling=True)

    def step(factors):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(weight) * factors[replica_number()[0]]
        return minimise(optimizer, tape, loss, [weight])

    result = []
    for factors in ([2.0, 3.0], [2.0, np.inf]):
        factors = tf.constant(factors)
        norms = tf.function(strategy.run)(step, (factors,))
        result.append({
            "weights": [x.numpy().tolist() for x in weight.values],
            "norms": [float(x) for x in strategy.experimental_local_results(norms)],
            "loss_scale": float(optimizer.loss_scale),
        })
    return result


def main(folder):
    """Makes the updates and writes what came of them."""
    scope = scope_on(DEVICES)
    # Making graphs faster that run three times takes longer than running them.
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    one = make_agent(**SETTINGS)
    with scope:
        strategy = tf.distribute.get_strategy()
        two = make_agent(seed=7, **SETTINGS)
    two.seed = one.seed
    facts = {"seeds": seeds_of_replicas(strategy), "scaled": steps_with_loss_scaling(strategy)}
    start = tf.train.Checkpoint(**one.checkpoint_items()).write(str(folder / "start"))
    tf.train.Checkpoint(**two.checkpoint_items()).read(start).assert_consumed()
    draw_as_one_device(one, two)
    batches = [make_batch(IMAGE, batch=4, seed=seed) for seed in range(UPDATES)]
    for name, agent in (("one", one), ("two", two)):
        facts[name] = [
            {key: float(value) for key, value in agent.train(batch).extra.items()}
            for batch in batches
        ]
        tf.train.Checkpoint(**agent.checkpoint_items()).write(str(folder / name))
    facts["differing_copies"] = differing_copies(two)
    facts["devices"] = sorted({copy.device for x in variables(two) for copy in x.values})
    fresh = make_agent(seed=9, **SETTINGS)
    tf.train.Checkpoint(**fresh.checkpoint_items()).read(str(folder / "two")).assert_consumed()
    facts["actions"] = [act(agent).tolist() for agent in (two, fresh)]
    facts["differing_after_acting"] = differing_copies(two)
    saver = policy_saver.PolicySaver(two.policy, batch_size=None)
    saver.save(str(folder / "policy"))
    (folder / "facts.json").write_text(json.dumps(facts))


def act(agent):
    """The first action of the sampling policy."""
    spec = agent.collect_policy.time_step_spec
    step = tf.nest.map_structure(lambda x: np.zeros(x.shape, x.dtype.as_numpy_dtype), spec)
    agent.collect_policy._seed = 0  # a setting, not a part of the checkpoint
    return PolicyRunner(agent.collect_policy).action(step)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
