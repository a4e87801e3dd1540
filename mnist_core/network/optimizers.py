"""The optimizers that a training may use, and the settings that each of them alone has."""

from dataclasses import dataclass
from typing import Literal

Optimizer = Literal["adam", "adamw", "rmsprop", "sgd", "nadam", "adagrad", "adamax", "lion"]


@dataclass(frozen=True)
class Kind:
    """One optimizer.

    keras: its class; settings: those of a training that it alone takes; high_rate: the learning
    rate from which small networks often jump about.
    """

    keras: str
    settings: tuple[str, ...] = ()
    high_rate: float = 0.005


_BETAS = ("beta_1", "beta_2")

OPTIMIZERS: dict[str, Kind] = {
    "adam": Kind("Adam", _BETAS),
    "adamw": Kind("AdamW", (*_BETAS, "weight_decay")),
    "rmsprop": Kind("RMSprop"),
    "sgd": Kind("SGD", ("momentum", "nesterov"), high_rate=0.3),
    "nadam": Kind("Nadam", _BETAS),
    "adagrad": Kind("Adagrad", high_rate=0.1),
    "adamax": Kind("Adamax", _BETAS),
    "lion": Kind("Lion", high_rate=0.001),
}


def owners(setting: str) -> list[str]:
    """Return the optimizers that have a setting; none for a setting of every training."""
    return [name for name, kind in OPTIMIZERS.items() if setting in kind.settings]


OWN_SETTINGS = tuple(dict.fromkeys(name for kind in OPTIMIZERS.values() for name in kind.settings))
"""The settings that not every optimizer has."""
