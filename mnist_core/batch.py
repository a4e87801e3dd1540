"""What the images of a batch take in memory on their way through a network; no TensorFlow."""

from math import prod

from mnist_core.hosting import hosting
from mnist_core.quota import QuotaError
from mnist_core.spec import Network, Spec
from mnist_core.summary import summarize

AT_ONCE = 250  # to be predicted: a tenth slower than 1,000, for a quarter of the memory
WIDEST_BYTES = 32e6  # that a layer puts out for all of them; TensorFlow holds two or three such
FEWEST = 32  # images that every network must have room for: so many are looked into at once


def activation_bytes(network: Network) -> int:
    """What all layers put out for one image, in float32; training keeps it for the way back."""
    return sum(_outputs(network))


def at_once(network: Network) -> int:
    """Images to predict together: fewer where a layer puts out much for each."""
    return max(1, min(AT_ONCE, int(WIDEST_BYTES // max(_outputs(network)))))


def check_batch(spec: Spec, trains: bool = True) -> None:
    """Raises QuotaError on a run whose batches would take too much memory of a hosted server.

    trains: or it is only looked into.
    """
    if not hosting().hosted:
        return
    most = hosting().max_activation_mb
    images = max(spec.training.batch_size if trains else 1, FEWEST)
    has = 1e-6 * images * activation_bytes(spec.network)
    if has > most:
        least = " (fewer count as many)" if images == FEWEST else ""
        raise QuotaError(
            f"on this server all layers together may put out at most {most:g} MB for a batch, and "
            f"for {images:,} images{least} these would put out {has:,.0f} MB: choose a smaller "
            "batch_size or fewer filters, or pool earlier"
        )


def _outputs(network: Network) -> list[int]:
    return [4 * prod(row.output_shape) for row in summarize(network).rows]
