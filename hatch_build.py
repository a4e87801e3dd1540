"""What a wheel has besides the packages: the files of the app, which a checkout has beside them."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = {
    ".streamlit/config.toml": "mnist_core/dashboard/.streamlit/config.toml",
    "app.py": "mnist_core/dashboard/app.py",
    "lessons": "mnist_core/dashboard/lessons",
    "pages": "mnist_core/dashboard/pages",
    "pyproject.toml": "mnist_core/pyproject.toml",  # Streamlit finds the components by it
}


class DashboardFiles(BuildHookInterface):
    """Adds the files, except to an editable install, which uses the checkout's."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files to add. version: "standard" or "editable"."""
        if version != "editable":
            build_data["force_include"].update(FILES)
