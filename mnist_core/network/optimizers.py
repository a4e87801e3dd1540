"""The optimizers that a training may use, and the settings that each of them alone has."""

from dataclasses import dataclass
from typing import Literal

Optimizer = Literal["adam", "adamw", "rmsprop", "sgd", "nadam", "adagrad", "adamax", "lion"]


@dataclass(frozen=True)
class Kind:
    """One optimizer. keras: its class; settings: those of a training that it alone takes."""

    keras: str
    settings: tuple[str, ...] = ()


OPTIMIZERS: dict[str, Kind] = {
    "adam": Kind("Adam"),
    "adamw": Kind("AdamW", ("weight_decay",)),
    "rmsprop": Kind("RMSprop"),
    "sgd": Kind("SGD", ("momentum", "nesterov")),
    "nadam": Kind("Nadam"),
    "adagrad": Kind("Adagrad"),
    "adamax": Kind("Adamax"),
    "lion": Kind("Lion"),
}


def owners(setting: str) -> list[str]:
    """Return the optimizers that have a setting; none for a setting of every training."""
    return [name for name, kind in OPTIMIZERS.items() if setting in kind.settings]


OWN_SETTINGS = tuple(dict.fromkeys(name for kind in OPTIMIZERS.values() for name in kind.settings))
"""The settings that not every optimizer has."""
