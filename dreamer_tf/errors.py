"""Errors: those of a user, which are told in one line, and a person's pause."""


class UserError(Exception):
    """A mistake of the user: one line that says what is wrong and what to do.

    The training binary prints the line and exits with a code that is not 0, without traceback.
    """


class ServerGone(UserError):
    """A server does not answer. A program that can wait for it catches this; others end."""


class RobotPaused(Exception):
    """A person has paused the robot: the reset that was asked for has not moved it."""
