"""The command line: `mnist train C32 M F D64`, or `python -m mnist_core train ...`, and more."""

import sys

from mnist_core.cli import process


def main() -> None:
    """Run the command in the arguments of this process, and end it."""
    process.prepare()
    with process.breaking_off():  # the other imports take seconds
        from mnist_core.cli.main import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
