"""A spec as the readable query of a link, and back: network=C32 M F D64&epochs=3."""

from mnist_core.network.notation import split, write
from mnist_core.network.settings import SETTINGS, read_spec, settings_of
from mnist_core.network.spec import Network, Spec
from mnist_core.network.value import SpecError
from mnist_core.utils.text import shown


def to_query(spec: Spec) -> dict[str, str]:
    """The network in notation, and every setting that differs from its default, as text."""
    plain = settings_of(Spec(network=Network(layers=spec.network.layers)))
    given = {name: value for name, value in settings_of(spec).items() if value != plain.get(name)}
    return {"network": write(spec.network)} | {name: str(value) for name, value in given.items()}


def from_query(query: dict[str, str]) -> Spec:
    """Raises SpecError on a network or a setting that cannot work, or that does not exist."""
    given = {name: value for name, value in query.items() if name != "network"}
    if unknown := given.keys() - SETTINGS:
        raise SpecError(
            f"a link may hold network and the settings {', '.join(SETTINGS)}; received "
            f"{shown(min(unknown), 40)}: check its spelling or leave it out"
        )
    return read_spec(tuple(split(query["network"])), given)
