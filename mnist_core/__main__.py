"""The command line: python -m mnist_core train C32 M F D64, and more."""

import sys

from mnist_core.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
