"""What tests of several folders use."""

from mnist_core.utils.paths import PROJECT

MAIN_SCRIPT = str(PROJECT / "ui" / "app" / "main.py")
"""What `AppTest.from_file` runs; pages are `switch_page("../../pages/NAME.py")` from there."""
