"""Small world models, behaviours, agents and batches for the tests of the core."""

import keras
import numpy as np
import tensorflow as tf
from tf_agents.specs import array_spec, tensor_spec
from tf_agents.trajectories import time_step as ts

from dreamer_tf.agent import DreamerAgent
from dreamer_tf.behavior import Behavior
from dreamer_tf.layers.actor import Actor
from dreamer_tf.layers.continue_head import ContinueHead
from dreamer_tf.layers.critic import Critic
from dreamer_tf.layers.decoder import Decoder
from dreamer_tf.layers.encoder import Encoder
from dreamer_tf.layers.expected_picture import ExpectedPicture
from dreamer_tf.layers.reward_head import RewardHead
from dreamer_tf.layers.rssm import RSSM
from dreamer_tf.optimizers import make_optimizer
from dreamer_tf.replay.step_spec import replay_step_spec
from dreamer_tf.world_model import WorldModel

VECTORS = {"imu": (4,), "speed": ()}
IMAGE = {"image": (64, 64, 3)}
ACTION_SIZE = 2


def make_world_model(
    shapes=None, *, action_size=ACTION_SIZE, precision="float32", seed=0, size=12,
    reward_kind="squared_error", expect_pictures=False, **keywords
):
    """A built model with one layer of `size` units everywhere; see `WorldModel` for keywords."""
    keras.utils.set_random_seed(seed)
    shapes = dict(VECTORS if shapes is None else shapes)
    cnn = {"cnn_depth": 4, "mlp_layers": 1, "mlp_units": size, "dtype": precision}
    encoder = Encoder(shapes, name="encoder", **cnn)
    rssm = RSSM(
        action_size, encoder.embedding_size, deter=size, units=size, stoch=3, classes=4,
        name="rssm", dtype=precision,
    )
    features = rssm.feature_size
    head = {"layers": 1, "units": size, "dtype": precision}
    return WorldModel(
        encoder,
        rssm,
        Decoder(shapes, features, name="decoder", **cnn),
        RewardHead(features, kind=reward_kind, name="reward_head", **head),
        ContinueHead(features, name="continue_head", **head),
        ExpectedPicture(shapes, name="expected_picture", **cnn) if expect_pictures else None,
        seed=seed,
        name="world_model",
        **keywords,
    )


def make_behavior(feature_size, *, action_size=ACTION_SIZE, discrete=False, size=12, **keywords):
    """Actor and critic of one layer; see `Behavior` for keywords."""
    head = {"layers": 1, "units": size, "dtype": keywords.pop("precision", "float32")}
    kind = keywords.pop("continuous_kind", "clipped_normal")
    critic = {**head, "kind": keywords.pop("critic_kind", "squared_error")}
    return Behavior(
        Actor(feature_size, action_size, discrete, continuous_kind=kind, name="actor", **head),
        Critic(feature_size, name="critic", **critic),
        **{"horizon": 3, **keywords},
    )


def make_specs(shapes=None, discrete=False):
    """Specs of an environment: time step and action."""
    shapes = VECTORS if shapes is None else shapes
    observation = {
        key: array_spec.ArraySpec(shape, np.uint8 if len(shape) == 3 else np.float32, key)
        for key, shape in shapes.items()
    }
    action = array_spec.BoundedArraySpec((ACTION_SIZE,), np.float32, -1.0, 1.0)
    if discrete:
        action = array_spec.BoundedArraySpec((), np.int32, 0, ACTION_SIZE - 1)
    return ts.time_step_spec(observation), action


def make_agent(*, discrete=False, seed=0, shapes=None, learning_rate=1e-3,
               noise_correlation=0.0, **behavior):
    """A tiny agent for the specs of `make_specs`."""
    time_step_spec, action_spec = map(tensor_spec.from_spec, make_specs(shapes, discrete))
    precision = behavior.get("precision", "float32")
    world_model = make_world_model(shapes, seed=seed, precision=precision)
    part = make_behavior(world_model.rssm.feature_size, discrete=discrete, **behavior)
    trained = {"model": world_model, "actor": part.actor, "critic": part.critic}
    optimizers = {
        name: make_optimizer(
            x.trainable_variables, learning_rate, loss_scaling=precision == "mixed_float16"
        )
        for name, x in trained.items()
    }
    signature = replay_step_spec(time_step_spec, action_spec)
    return DreamerAgent(
        time_step_spec, action_spec, world_model, part, optimizers, signature, seed,
        noise_correlation,
    )


def make_batch(shapes=None, *, batch=3, length=4, seed=0, discrete=False):
    """Recorded-looking sequences: episodes end inside, values depend on the actions."""
    random = np.random.RandomState(seed)
    result = {}
    for key, shape in (VECTORS if shapes is None else shapes).items():
        size = (batch, length, *shape)
        if len(shape) == 3:
            result[key] = random.randint(0, 256, size).astype(np.uint8)
        else:
            result[key] = random.normal(size=size).astype(np.float32)
    is_first = np.zeros((batch, length), bool)
    is_first[0, length // 2] = True
    is_last = np.zeros_like(is_first)
    is_last[0, length // 2 - 1] = is_last[-1, -1] = True
    action = random.uniform(-1, 1, (batch, length, ACTION_SIZE)).astype(np.float32)
    if discrete:
        action = np.eye(ACTION_SIZE, dtype=np.float32)[np.argmax(action, -1)]
    result["prev_action"] = np.where(is_first[..., None], 0, action).astype(np.float32)
    reward = random.normal(size=(batch, length))
    result["reward"] = np.where(is_first, 0, reward).astype(np.float32)
    result.update(is_first=is_first, is_last=is_last, is_terminal=is_last)
    return {key: tf.constant(value) for key, value in result.items()}


def shake(*layers, scale=0.1):
    """Moves all trainable weights away from their initial values, of which many are zero."""
    random = np.random.RandomState(0)
    for layer in layers:
        for weight in layer.trainable_variables:
            weight.assign_add(random.normal(0.0, scale, weight.shape).astype(np.float32))


def count_rounded_products(agent, batch):
    """The number of products in bfloat16 in the agent's update, loops' bodies counted once."""
    graph = agent._compiled_step.get_concrete_function(batch).graph.as_graph_def()
    nodes = [*graph.node, *(node for part in graph.library.function for node in part.node_def)]
    return sum(node.op == "MatMul" and node.attr["T"].type == tf.bfloat16.as_datatype_enum
               for node in nodes)
