"""The command line: python -m mnist_core train C32 M F D64, and more."""

import sys

from mnist_core.cli import process

if __name__ == "__main__":
    process.prepare()
    with process.breaking_off():  # the other imports take seconds
        from mnist_core.cli.main import main

    sys.exit(main())
