"""The tab challenges."""


def show() -> None:
    """In the making."""
