"""The errors that a user of the robots sees."""


class RobotError(Exception):
    """Something is wrong with a robot or how it was asked for.

    The message is one line: what is wrong and what to do.
    """


class RobotFault(RobotError):
    """The robot is in its safe state, and stays there.

    A reset of its environment goes on from it, unless a person has to look at it first.

    Attributes:
        person: whether only a person may go on.
    """

    def __init__(self, text: str, *, person: bool):
        """Takes the line and the class of the fault."""
        super().__init__(text)
        self.person = person
