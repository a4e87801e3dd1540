"""The tab teacher."""


def show() -> None:
    """In the making."""
