"""Actor and critic, learned in imagination only."""

from __future__ import annotations

from typing import NamedTuple, Tuple

import gin
import keras
import tensorflow as tf

from dreamer_tf.imagination import Trajectory, imagine
from dreamer_tf.layers.actor import Actor
from dreamer_tf.layers.adaptive_scale import AdaptiveScale
from dreamer_tf.layers.critic import Critic
from dreamer_tf.layers.return_range import ReturnRange
from dreamer_tf.layers.running_moments import RunningMoments
from dreamer_tf.math.returns import lambda_return
from dreamer_tf.math.slopes import with_slopes
from dreamer_tf.optimizers import minimise
from dreamer_tf.types import Metrics, State
from dreamer_tf.world_model import WorldModel

GRADIENTS = ("dynamics", "reinforce")
ADVANTAGE_SCALES = ("moments", "return_range")


class Assessment(NamedTuple):
    """What a trajectory is worth; all (H, N) for s_0 ... s_{H-1}.

    Attributes:
      returns: lambda-returns in units of reward, of centred rewards if so configured.
      advantage: returns minus the slow critic's value, scaled.
      weight: product of gamma and the chance to continue, up to the state.
      reward: predicted, at the states that the actions led to.
      value: the slow critic's.
    """

    returns: tf.Tensor
    advantage: tf.Tensor
    weight: tf.Tensor
    reward: tf.Tensor
    value: tf.Tensor


@gin.configurable(denylist=["actor", "critic"])
class Behavior(tf.Module):
    """Learns an actor and a critic from imagined trajectories (DayDreamer, arXiv 2206.14176).

    The critic learns lambda-returns of the slow critic. The actor climbs them either
    through the model (``dynamics``) or by the score function (``reinforce``), plus an
    entropy bonus whose scale adapts to keep the normalised entropy near its target.

    Args:
      actor: the policy.
      critic: the value.
      horizon: H.
      discount: gamma.
      lambda_: of the lambda-return.
      gradient: ``"dynamics"`` or ``"reinforce"``; both serve both kinds of actions.
      entropy_target: of the normalised entropy, in [0, 1].
      entropy_scale_initial: first scale of the entropy bonus.
      entropy_scale_range: bounds of the scale; equal ones fix it.
      entropy_in_nats: the bonus is the entropy itself, a sum over the action's components, as in
        DreamerV3, and not the normalised one. The scale adapts to the normalised one all the same.
      slow_every: updates between two copies of the critic to the slow critic.
      start_fraction: share of the batch's states that imagination starts from; 1 as in
        the paper, less is cheaper.
      centre_reward: subtract the running mean of the imagined reward before values are
        learned (Naik et al., arXiv 2405.09999). For tasks that never end: a constant in
        the reward would make values of constant / (1 - gamma), beside which what actions
        change is lost in symlog. With ends it would change what is best.
      advantage_scale: ``"moments"`` subtracts the advantage's running mean and divides by its
        standard deviation; ``"return_range"`` divides by the running range of the returns, see
        `ReturnRange`: small returns stay small, and so does the noise in them.

    Raises:
      ValueError: for an unknown gradient or advantage scale, or a share outside (0, 1].
    """

    def __init__(
        self,
        actor: Actor,
        critic: Critic,
        horizon: int = 15,
        discount: float = 0.995,
        lambda_: float = 0.95,
        gradient: str = "dynamics",
        entropy_target: float = 0.4,
        entropy_scale_initial: float = 1e-3,
        entropy_scale_range: Tuple[float, float] = (1e-5, 1.0),
        slow_every: int = 100,
        start_fraction: float = 1.0,
        centre_reward: bool = False,
        advantage_scale: str = "moments",
        entropy_in_nats: bool = False,
    ):
        super().__init__("behavior")
        if gradient not in GRADIENTS:
            raise ValueError(f"gradient must be one of {GRADIENTS}, got {gradient!r}")
        if advantage_scale not in ADVANTAGE_SCALES:
            raise ValueError(
                f"advantage_scale must be one of {ADVANTAGE_SCALES}, got {advantage_scale!r}"
            )
        if not 0.0 < start_fraction <= 1.0:
            raise ValueError(f"start_fraction must be in (0, 1], got {start_fraction}")
        self.actor = actor
        self.critic = critic
        self.horizon = horizon
        self.discount = discount
        self.lambda_ = lambda_
        self.gradient = gradient
        self.slow_every = slow_every
        self.start_fraction = start_fraction
        self.centre_reward = centre_reward
        self.entropy_in_nats = entropy_in_nats
        self.slow_critic = Critic.from_config({**critic.get_config(), "name": "slow_critic"})
        self.entropy_scale = AdaptiveScale(
            entropy_target, entropy_scale_initial, *entropy_scale_range, raises_value=True
        )
        by_range = advantage_scale == "return_range"
        self.return_range = ReturnRange() if by_range else None
        self.advantage_moments = None if by_range else RunningMoments()
        self.reward_moments = RunningMoments()
        moments = (self.return_range or self.advantage_moments, self.reward_moments)
        for layer in (actor, critic, self.slow_critic, self.entropy_scale, *moments):
            if not layer.built:
                with tf.name_scope(layer.name):
                    layer.build(None)
        self.slow_critic.set_weights(critic.get_weights())

    def update(
        self,
        world_model: WorldModel,
        start: State,
        is_terminal: tf.Tensor,
        seed: tf.Tensor,
        actor_optimizer: keras.optimizers.Optimizer,
        critic_optimizer: keras.optimizers.Optimizer,
        update_count: tf.Tensor,
    ) -> Metrics:
        """One training step of actor and critic.

        Args:
          world_model: imagined in; not changed.
          start: posterior states, deter (N, D), stoch (N, S, K).
          is_terminal: (N,) bool, whether they end an episode.
          seed: (2,) int32.
          actor_optimizer: of the actor's variables.
          critic_optimizer: of the critic's variables.
          update_count: () updates done before this one.

        Returns:
          Metrics.
        """
        seeds = tf.random.experimental.stateless_split(seed, 3)
        start, is_terminal = self._choose_starts(start, is_terminal, seeds[0])
        shape = [self.horizon, tf.shape(is_terminal)[0], self.actor.action_size]
        noise = tf.ensure_shape(
            self.actor.noise(shape, seeds[1]), [self.horizon, None, self.actor.action_size]
        )
        self._refresh_slow_critic(update_count)
        trajectory, assessment, action_gradient = self._imagine_and_assess(
            world_model, start, is_terminal, noise, seeds[2]
        )
        # Actor and critic wait for the gradient: beside it they would need a third more memory.
        with tf.control_dependencies([] if action_gradient is None else [action_gradient]):
            features = trajectory.acted_from()
        metrics = self._assessment_metrics(assessment)
        actor_metrics = self._update_actor(
            features, trajectory.sample, noise, action_gradient, assessment, actor_optimizer
        )
        critic_metrics = self._update_critic(features, assessment, critic_optimizer)
        return {**metrics, **actor_metrics, **critic_metrics}

    def _choose_starts(self, start, is_terminal, seed):
        if self.start_fraction == 1.0:
            return start, is_terminal
        count = tf.shape(is_terminal)[0]
        chosen = tf.cast(tf.math.ceil(self.start_fraction * tf.cast(count, tf.float32)), tf.int32)
        index = tf.random.experimental.stateless_shuffle(tf.range(count), seed)[:chosen]
        return tf.nest.map_structure(lambda x: tf.gather(x, index), (start, is_terminal))

    def _imagine_and_assess(self, world_model, start, is_terminal, noise, seed):
        """Returns trajectory, assessment and, for ``dynamics``, d objective / d action."""
        shift = tf.zeros_like(noise)
        if self.gradient == "reinforce":
            trajectory = imagine(world_model.rssm, self.actor, start, noise, shift, seed)
            return trajectory, self._assess(world_model, trajectory, is_terminal), None
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(shift)
            trajectory = imagine(world_model.rssm, self.actor, start, noise, shift, seed)
            assessment = self._assess(world_model, trajectory, is_terminal)
            # A sum, and the mean outside: on its way through the model in float16 a gradient
            # that is divided by the number of states first would vanish.
            objective = tf.reduce_sum(assessment.weight * assessment.advantage)
        states = tf.cast(tf.size(assessment.weight), tf.float32)
        return trajectory, assessment, tape.gradient(objective, shift) / states

    def _assess(self, world_model, trajectory: Trajectory, is_terminal) -> Assessment:
        following = trajectory.following
        heads = (world_model.reward_head, world_model.continue_head, self.slow_critic)
        means = [head.mean for head in heads]
        if self.gradient == "dynamics":
            reward, goes_on, value = with_slopes(means, following)
        else:
            reward, goes_on, value = (mean(following) for mean in means)
        discount = self.discount * goes_on
        centre = self.reward_moments(reward)[0] if self.centre_reward else 0.0
        returns = lambda_return(reward - centre, discount, value, self.lambda_)
        first = self.slow_critic.mean(trajectory.start)
        baseline = tf.stop_gradient(tf.concat([first[None], value[:-1]], 0))
        advantage = self._scale_advantage(returns, baseline)
        alive = 1.0 - tf.cast(is_terminal, tf.float32)
        weight = tf.math.cumprod(tf.concat([alive[None], discount[:-1]], 0))
        return Assessment(returns, advantage, tf.stop_gradient(weight), reward, baseline)

    def _scale_advantage(self, returns, baseline):
        if self.return_range is not None:
            return (returns - baseline) / self.return_range(returns)
        mean, deviation = self.advantage_moments(returns - baseline)
        return (returns - baseline - mean) / deviation

    def _update_actor(self, features, sample, noise, action_gradient, assessment, optimizer):
        variables = self.actor.trainable_variables
        with tf.GradientTape() as tape:
            policy = self.actor(features)
            if self.gradient == "dynamics":
                # Its gradient is that of the objective: d objective / d action, already
                # averaged, times d action / d actor, all steps at once.
                action = policy.executed(policy.sample(noise))
                objective = tf.reduce_sum(action_gradient * action)
            else:
                log_prob = policy.log_prob(sample)
                gain = tf.stop_gradient(assessment.advantage)
                objective = tf.reduce_mean(assessment.weight * log_prob * gain)
            entropy = policy.normalised_entropy()
            scale = self.entropy_scale(entropy)
            bonus = policy.entropy() if self.entropy_in_nats else entropy
            loss = -objective - scale * tf.reduce_mean(assessment.weight * bonus)
        norm = minimise(optimizer, tape, loss, variables)
        return {
            "actor_loss": loss,
            "actor_entropy": tf.reduce_mean(entropy),
            "actor_entropy_scale": scale,
            "actor_grad_norm": norm,
        }

    def _update_critic(self, features, assessment, optimizer):
        variables = self.critic.trainable_variables
        with tf.GradientTape() as tape:
            errors = self.critic.loss_of(features, tf.stop_gradient(assessment.returns))
            loss = tf.reduce_mean(assessment.weight * errors)
        return {"critic_loss": loss, "critic_grad_norm": minimise(optimizer, tape, loss, variables)}

    def _refresh_slow_critic(self, update_count):
        def copy():
            for slow, fast in zip(self.slow_critic.variables, self.critic.variables):
                slow.assign(fast)
            return True

        tf.cond(tf.equal(update_count % self.slow_every, 0), copy, lambda: False)

    @staticmethod
    def _assessment_metrics(assessment):
        error = tf.abs(assessment.returns - assessment.value)
        return {
            "imagined_reward": tf.reduce_mean(assessment.reward),
            "imagined_return": tf.reduce_mean(assessment.returns),
            "value": tf.reduce_mean(assessment.value),
            "value_error": tf.reduce_mean(error),
            "advantage_magnitude": tf.reduce_mean(tf.abs(assessment.advantage)),
        }
