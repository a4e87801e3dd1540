"""The base class of all errors whose message a user reads."""


class MnistError(Exception):
    """An error with a message that a student can act on: rule, value received, way out.

    `status` is the exit status of the command line: 2 for input that cannot work.
    """

    status = 2


class InsightError(MnistError):
    """A question that cannot be answered for this network."""
