"""PPO and Rainbow through the whole program on CartPole, where random actions last 22 steps."""
import csv
import subprocess
import sys

import numpy as np
import pytest

ROOT = __file__.rsplit('/tests/', 1)[0]
SETTINGS = {
    'ppo': (8000, 'make_ppo.units=64', 'make_ppo.learning_rate=1e-3',
            'make_ppo.epochs=8', 'Trainer.sequence_length=257'),
    'rainbow': (4000, 'make_rainbow.units=64', 'make_rainbow.learning_rate=1e-3',
                'make_rainbow.value_range=(0.0, 100.0)', 'make_rainbow.target_update_period=200',
                'Trainer.prefill_steps=500', 'Trainer.replay_ratio=64'),
}


@pytest.mark.long
@pytest.mark.parametrize('agent', ['ppo', 'rainbow'])
def test_it_keeps_the_pole_up(tmp_path, agent):
    steps, *bindings = SETTINGS[agent]
    bindings += ['Trainer.eval_every_steps=0', 'Trainer.video_every_steps=0']
    result = subprocess.run(
        [sys.executable, '-m', 'dreamer_tf.train', '--robot=gym:CartPole-v1', '--agent=' + agent,
         '--logdir={}'.format(tmp_path), '--env_steps={}'.format(steps),
         *('--gin_bindings=' + binding for binding in bindings)],
        cwd=ROOT, capture_output=True, text=True, timeout=850)
    assert result.returncode == 0, result.stderr
    with open(tmp_path / 'curve.csv', encoding='utf-8') as file:
        rows = [(int(row['env_steps']), float(row['value'])) for row in csv.DictReader(file)]
    first = np.mean([value for step, value in rows if step <= 500])
    last = np.mean([value for step, value in rows if step > steps - 1500])
    assert first < 40 and last > 80  # measured: 159 and 151
