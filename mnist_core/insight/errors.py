"""What cannot be asked of a network."""

from mnist_core.errors import MnistError


class InsightError(MnistError):
    """A question that this network has no answer to."""
