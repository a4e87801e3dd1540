"""A spec as the query parameters of a link, and back: network=C32 M F D64&epochs=3."""

from mnist_core.network.notation import split_words, write
from mnist_core.network.settings import SETTINGS, read_spec, settings_of
from mnist_core.network.spec import Network, Spec
from mnist_core.network.value import SpecError
from mnist_core.utils.text import short_repr


def to_query(spec: Spec) -> dict[str, str]:
    """Return the network in notation, and as text each setting that differs from its default."""
    plain = settings_of(Spec(network=Network(layers=spec.network.layers)))
    given = {name: value for name, value in settings_of(spec).items() if value != plain.get(name)}
    return {"network": write(spec.network)} | {name: str(value) for name, value in given.items()}


def from_query(query: dict[str, str]) -> Spec:
    """Read a spec from query parameters. Raises SpecError on an unknown or invalid setting."""
    given = {name: value for name, value in query.items() if name != "network"}
    if unknown := given.keys() - SETTINGS:
        raise SpecError(
            f"a link may hold network and the settings {', '.join(SETTINGS)}; received "
            f"{short_repr(min(unknown), 40)}: check its spelling or leave it out"
        )
    return read_spec(tuple(split_words(query["network"])), given)
