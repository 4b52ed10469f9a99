"""A person's console for a running robot.

`python -m dreamer_tf.console --logdir=...` on the machine that moves the robot, or over ssh there.
"""

from __future__ import annotations

import contextlib
import pathlib
import sys
from typing import Optional, Sequence

from absl import flags

from dreamer_tf import command_line
from dreamer_tf.console.console_client import ConsoleClient
from dreamer_tf.console.console_server import SOCKET
from dreamer_tf.console.operator import WORDS
from dreamer_tf.console.status_text import status_lines
from dreamer_tf.console.terminal import Terminal
from dreamer_tf.errors import UserError

REFRESH_SECONDS = 0.5
KEYS = {"p": "pause", "r": "resume", "R": "reset", "m": "mark", "s": "stop"}
HELP = "p pause   r resume   R reset   m mark   s stop the run   q leave (the robot goes on)"

COMMAND = command_line.CommandLine(
    name="dreamer_tf",
    usage="Pauses, resumes, resets, marks and stops a running robot, and shows what robot, policy "
    "and learner are doing. Keys at a terminal; from a pipe one word a line: "
    + ", ".join(WORDS) + ".",
    examples=[
        "python -m dreamer_tf.console --logdir=logdir/a1",
        "echo pause | python -m dreamer_tf.console --logdir=logdir/a1 --actor=1",
    ],
)
FLAGS = COMMAND.flags

flags.DEFINE_string("logdir", None, "Folder of the run (required)", flag_values=FLAGS)
flags.DEFINE_integer(
    "actor", 0, "Which actor, when the run has roles", 0, flag_values=FLAGS
)


def main() -> int:
    """Connects and talks until the person leaves or the robot's program ends.

    Returns:
      0; 1 when a word of a pipe could not be carried out.

    Raises:
      UserError: nobody moves a robot in that folder, or its program has ended by itself.
    """
    if not FLAGS.logdir:
        raise UserError("--logdir is needed (--help shows an example)")
    logdir = pathlib.Path(FLAGS.logdir).expanduser().absolute()
    actor = logdir / "actors" / str(FLAGS.actor)
    folder = actor if (actor / SOCKET).exists() else logdir
    if not folder.is_dir():
        raise UserError(f"--logdir={logdir} is not there")
    terminal = Terminal()
    with contextlib.closing(ConsoleClient(folder)) as client:
        if terminal.is_interactive:
            return _interactive(client, terminal)
        return _from_pipe(client)


def _interactive(client: ConsoleClient, terminal: Terminal) -> int:
    answer = client.do("status")
    said, stopping = "", False
    with terminal.keys():
        while True:
            terminal.draw([*status_lines(answer["status"]), said, HELP])
            key = terminal.key(REFRESH_SECONDS)
            if key in ("q", "", "\x04"):
                return 0
            word = KEYS.get(key or "", "status")
            text = terminal.line("mark: ") if word == "mark" else ""
            stopping = stopping or word == "stop"
            try:
                answer = client.do(word, text)
            except UserError as error:
                if not stopping:
                    raise
                print(f"dreamer_tf: {error}", flush=True)
                return 0
            if word != "status":
                said = f"{word}: {answer['error'] or answer['did']}"


def _from_pipe(client: ConsoleClient) -> int:
    code = 0
    for line in sys.stdin:
        word, _, text = line.strip().partition(" ")
        if not word:
            continue
        answer = client.do(word, text)
        if answer["error"]:
            print(f"dreamer_tf: error: {answer['error']}", file=sys.stderr, flush=True)
            code = 1
        else:
            print("\n".join([f"{word}: {answer['did']}", *status_lines(answer["status"])]),
                  flush=True)
    return code


def cli(argv: Optional[Sequence[str]] = None) -> None:
    """Runs the command; ends the process with the exit code of `main`."""
    COMMAND.run(main, argv)


if __name__ == "__main__":
    cli()
