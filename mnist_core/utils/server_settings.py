"""Settings of a server, above all the limits of a hosted one; they come from the environment."""

from functools import cache
from typing import Literal

from pydantic import PositiveFloat, PositiveInt, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from mnist_core.utils.errors import MnistError


class ServerSettingsError(MnistError):
    """An environment variable of the server has a value that is not allowed."""


class ServerSettings(BaseSettings):
    """Settings of a server: MNIST_HOSTED=1, MNIST_MAX_EPOCHS=10, and so on.

    https: browsers use https, even if the proxy in front does not say so. csp: "off" sends no
    Content-Security-Policy, "report" one that forbids nothing. The limits, max_*, apply only if
    `hosted` is true; on a laptop it is false. The defaults allow every preset, every experiment of
    the page Tune at its usual size, and a class of thirty who train four networks each.
    """

    model_config = SettingsConfigDict(env_prefix="MNIST_", env_ignore_empty=True, frozen=True)

    hosted: bool = False
    https: bool = False
    csp: Literal["on", "report", "off"] = "on"
    max_parameters: PositiveInt = 1_500_000
    max_multiply_adds: PositiveInt = 20_000_000  # per image, forward pass
    max_activation_mb: PositiveFloat = 100  # outputs of all layers for one batch
    max_epochs: PositiveInt = 50  # per run, resumed training included
    max_seconds: PositiveFloat = 600  # of training per run
    max_queued: PositiveInt = 60  # waiting runs per workspace
    max_runs: PositiveInt = 120  # stored runs per workspace
    max_digits_per_writer: PositiveInt = 60  # handwritten, per person and workspace
    max_digits: PositiveInt = 3000  # handwritten, per workspace
    max_handwriting_mb: PositiveFloat = 200  # of all workspaces together
    max_upload_mb: PositiveInt = 20  # in units of 2**20 bytes
    max_database_mb: PositiveFloat = 1000  # stored data of all workspaces together

    def upload_mb(self, most: int) -> int:
        """Return the upload limit in MB for a widget whose own limit is `most`."""
        return min(most, self.max_upload_mb) if self.hosted else most

    def out_of_time(self, seconds: float) -> bool:
        """Return whether a run that has trained for this many seconds must end."""
        return self.hosted and seconds >= self.max_seconds


@cache
def server_settings() -> ServerSettings:
    """Return the settings of this process. Raises ServerSettingsError on an invalid value."""
    try:
        return ServerSettings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"MNIST_{str(first['loc'][0]).upper()}"
        words = first["msg"][:1].lower() + first["msg"][1:]
        raise ServerSettingsError(
            f"{name} is invalid: {words}; received {first['input']!r:.40}: change it in the "
            "environment or the secrets of the server, and restart the server"
        ) from None
