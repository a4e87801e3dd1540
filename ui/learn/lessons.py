"""The tab lessons."""


def show() -> None:
    """In the making."""
