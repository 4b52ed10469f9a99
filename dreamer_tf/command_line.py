"""Flags, help and one-line errors, the same for every program of this package."""
from __future__ import annotations

import atexit
import errno
import os
import sys
import textwrap
import threading
from typing import Callable, List, Optional, Sequence

from absl import app, flags, logging

from dreamer_tf.errors import UserError
from robot_envs.errors import RobotError

_ABSL_REPEAT = ';\n    repeat this option to specify a list of values'
HELP_FLAGS = ('--help', '-h', '-help', '--helpfull', '--helpshort')


class CommandLine:
    """The command line of one program: its own flags, a short help, errors of one line.

    The flags live in their own `FlagValues`, not in absl's global one, so that the help shows
    nothing of other packages and two programs can be imported into one process.
    """

    def __init__(self, name: str, usage: str, examples: Sequence[str],
                 notes: Callable[[], str] = lambda: ''):
        """Makes an empty command line; define flags with `flag_values=command_line.flags`.

        Args:
          name: what the error lines begin with, e.g. `dreamer_tf`.
          usage: what the program does, for the head of the help.
          examples: complete command lines.
          notes: called for the help only; gives text that follows the flags.
        """
        self.flags = flags.FlagValues()
        self._name = name
        self._usage = usage
        self._examples = list(examples)
        self._notes = notes

    def help_text(self) -> str:
        """Returns the help: purpose, examples, every flag with its default."""
        lines = [textwrap.fill(self._usage, 88), '', 'Examples:']
        lines += ['  ' + example for example in self._examples] + ['', 'Flags:']
        for name in self.flags:
            flag = self.flags[name]
            head = '  --' + name
            default = '' if flag.default in (None, []) else ' (default: {})'.format(
                ','.join(map(str, flag.default)) if isinstance(flag.default, list)
                else flag.default)
            lines.append(head)
            text = flag.help.replace(_ABSL_REPEAT, '; may be given again')
            lines.append(textwrap.indent(textwrap.fill(text + default, 82), ' ' * 6))
        notes = self._notes()
        return '\n'.join(lines + (['', notes] if notes else [])) + '\n'

    def parse(self, argv: Sequence[str]) -> List[str]:
        """Parses the flags; prints the help and exits with 0 when it is asked for.

        Raises:
          UserError: an unknown flag, a value of the wrong type, or a word that is no flag.
        """
        if any(argument in HELP_FLAGS for argument in argv[1:]):
            sys.stdout.write(self.help_text())
            raise SystemExit(0)
        try:
            words = self.flags(list(argv))
        except flags.Error as error:
            raise UserError('{} (--help lists the flags)'.format(error)) from error
        if len(words) > 1:
            raise UserError('unexpected {!r}: write flags as --name=value (--help lists them)'
                            .format(words[1]))
        flags.FLAGS(list(argv[:1]))  # absl's own flags keep their defaults
        return words

    def run(self, main: Callable[[], Optional[int]], argv: Optional[Sequence[str]] = None) -> None:
        """Parses the flags, runs `main` and exits with the code that it returns.

        Raises:
          SystemExit: always; 1 after a mistake of the user, told in one line on stderr.
        """
        argv = list(sys.argv if argv is None else argv)
        logging.set_verbosity(logging.WARNING)
        app.run(lambda _: self._guarded(main), argv=argv, flags_parser=self._parse_or_exit)

    def _parse_or_exit(self, argv: Sequence[str]) -> List[str]:
        try:
            return self.parse(argv)
        except UserError as error:
            raise SystemExit(self._fail(error)) from None

    def _guarded(self, main: Callable[[], Optional[int]]) -> int:
        try:
            return main() or 0
        except (UserError, RobotError) as error:
            return self._fail(error)
        except KeyboardInterrupt:
            self._fail('interrupted')
            return 130
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            return self._fail('the disk is full ({})'.format(error.filename or error.strerror))

    def _fail(self, error) -> int:
        # gin adds where it was calling from: true, but nothing that the user wrote.
        lines = [line for line in str(error).splitlines()
                 if not line.strip().startswith('In call to configurable')]
        text = ' '.join(' '.join(lines).split())
        sys.stdout.flush()
        sys.stderr.write('{}: error: {}\n'.format(self._name, text))
        sys.stderr.flush()
        return 1


def run_program(cli: Callable[[], None]) -> None:
    """Runs a program's `cli` in a process of its own, and ends the process with its code.

    A thread that waits for a server may get its answer while Python ends; then the process aborts
    (code 134, "terminate called without an active exception") after all has gone well. So the end
    of the interpreter is left out where daemon threads are left.

    Raises:
      SystemExit: there are none.
    """
    try:
        cli()
    except SystemExit as end:
        others = [thread for thread in threading.enumerate()
                  if thread is not threading.main_thread()]
        if not others or not all(thread.daemon for thread in others):
            raise
        if isinstance(end.code, str):
            sys.stderr.write(end.code + '\n')
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def quiet_imports() -> None:
    """Keeps TensorFlow's and Gym's notices of start-up off the terminal."""
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
    try:
        from gym_notices import notices
    except ImportError:
        return
    notices.notices.clear()
