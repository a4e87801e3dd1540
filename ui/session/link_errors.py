"""The errors of the link that was opened, shown for as long as they matter."""

from collections.abc import Iterable

from mnist_core.network.spec import Spec
from mnist_core.utils.errors import MnistError
from ui.session import state

_SHOWN = "link_errors"


def shown(
    page: str, spec: Spec | None, found: Iterable[MnistError | None]
) -> tuple[MnistError, ...]:
    """Return the errors of the link, until the page is left or something on Build is edited.

    A page corrects its address and is redrawn immediately, so each error is found only once.

    page: the path of the page; spec: of the draft; found: errors of this run of the page.
    """
    place = (page, spec)
    before, told = state.get(_SHOWN, (place, tuple[MnistError, ...]()))
    known = {str(error): error for error in (told if before == place else ())}
    known |= {str(error): error for error in found if error}
    errors = tuple(known.values())
    state.put(_SHOWN, (place, errors))
    return errors
