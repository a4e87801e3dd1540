"""What a server that strangers use allows; all of it comes from the environment."""

from functools import cache
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from mnist_core.utils.errors import MnistError

Whole = Annotated[int, Field(gt=0)]
Amount = Annotated[float, Field(gt=0)]


class ServerSettingsError(MnistError):
    """A setting of the server that is none."""


class ServerSettings(BaseSettings):
    """Settings of a server: MNIST_HOSTED=1, MNIST_MAX_EPOCHS=10, and so on.

    Alone on a laptop `hosted` is false, and none of the limits counts. Their defaults let every
    preset be trained, and every experiment of the page Tune be begun at its usual size.
    """

    model_config = SettingsConfigDict(env_prefix="MNIST_", env_ignore_empty=True, frozen=True)

    hosted: bool = False
    max_parameters: Whole = 1_500_000
    max_multiply_adds: Whole = 20_000_000  # of one image, forward
    max_activation_mb: Amount = 100  # what all layers put out for a batch
    max_epochs: Whole = 30  # of a run, all its continuations together
    max_seconds: Amount = 600  # in training, of a run
    max_queued: Whole = 30  # runs that wait in a workspace
    max_runs: Whole = 60  # kept in a workspace
    max_upload_mb: Whole = 20  # of 2**20 bytes
    max_database_mb: Amount = 1000  # what runs of all workspaces keep

    @property
    def upload_bytes(self) -> int:
        """The largest file that is taken."""
        return self.max_upload_mb * 2**20

    def upload_mb(self, most: int) -> int:
        """The same in MB, where the app itself takes no more than `most`."""
        return min(most, self.max_upload_mb) if self.hosted else most

    def out_of_time(self, seconds: float) -> bool:
        """Whether a run that has trained so long may not go on."""
        return self.hosted and seconds >= self.max_seconds

    @property
    def database_bytes(self) -> int:
        """What all runs together may keep."""
        return int(1e6 * self.max_database_mb)


@cache
def server_settings() -> ServerSettings:
    """The settings of this process. Raises HostingError where a value cannot be."""
    try:
        return ServerSettings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"MNIST_{str(first['loc'][0]).upper()}"
        words = first["msg"][:1].lower() + first["msg"][1:]
        raise ServerSettingsError(
            f"{name} is not as it must be: {words}; received {first['input']!r:.40}: change it in "
            "the environment or the secrets of the server, and start it again"
        ) from None
