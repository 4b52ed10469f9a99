"""The one error that a user of the robots sees."""


class RobotError(Exception):
    """Something is wrong with a robot or how it was asked for.

    The message is one line: what is wrong and what to do.
    """
