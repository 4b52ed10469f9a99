"""Draws every registered robot's twin side by side into docs/images/robots.png.

    .venv/bin/python tools/draw_robots.py
"""

from __future__ import annotations

import pathlib
import sys

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from robot_envs import registry  # noqa: E402

HEIGHT_PX = 256
STEPS = 6
SEED = 3


def picture(name: str) -> np.ndarray:
    """Returns a twin after a few random actions, uint8 (HEIGHT_PX, width, 3)."""
    env = registry.make(name, seed=SEED)
    random, spec = np.random.default_rng(0), env.action_spec()
    env.reset()
    for _ in range(STEPS):
        if spec.dtype == np.int32:
            env.step(np.int32(random.integers(spec.maximum + 1)))
        else:
            env.step(random.uniform(-1, 1, spec.shape).astype(np.float32))
    image = Image.fromarray(env.render())
    env.close()
    width = round(image.width * HEIGHT_PX / image.height)
    return np.asarray(image.resize((width, HEIGHT_PX)))


def main() -> None:
    """Draws the picture."""
    path = ROOT / "docs" / "images" / "robots.png"
    Image.fromarray(np.concatenate([picture(name) for name in registry.names()], 1)).save(path)
    print(path)


if __name__ == "__main__":
    main()
