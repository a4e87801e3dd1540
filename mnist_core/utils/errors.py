"""The root of every error that is written for the person at the keyboard."""


class MnistError(Exception):
    """A message that a student can act on: the rule, the value received, the way out.

    `status` is the command line's exit status: 2 for input that cannot work.
    """

    status = 2


class InsightError(MnistError):
    """A question that this network has no answer to."""
