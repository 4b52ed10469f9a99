"""The error that stands for a user's mistake."""


class UserError(Exception):
    """A mistake of the user: one line that says what is wrong and what to do.

    The training binary prints the line and exits with a code that is not 0, without traceback.
    """
