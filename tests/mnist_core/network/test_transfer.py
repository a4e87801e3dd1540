"""Which layers take over weights of another network."""

import pytest

from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Transfer
from mnist_core.network.transfer import check_transfer, shared_layers, weight_shapes
from mnist_core.network.value import SpecError

SOURCE = weight_shapes(parse("C8 BN M C16 M F D64"))


def test_shapes_have_the_names_of_weights():
    assert SOURCE["conv2d_2/kernel"] == (3, 3, 8, 16)
    assert SOURCE["batch_normalization_1/moving_mean"] == (8,)
    assert SOURCE["output/bias"] == (10,)


@pytest.mark.parametrize(
    ("notation", "shared", "others"),
    [
        (
            "C8 BN M C16 M F D64",
            ["conv2d_1", "batch_normalization_1", "conv2d_2", "dense_1", "output"],
            [],
        ),
        ("C8 M C16 M F D32", ["conv2d_1", "conv2d_2"], ["dense_1", "output"]),
        (
            "C8 M C16 M F D64 Drop0.5 D64",
            ["conv2d_1", "conv2d_2", "dense_1", "output"],
            ["dense_2"],
        ),
        ("C9 M F D64", ["output"], ["conv2d_1", "dense_1"]),
        ("F D3", [], ["dense_1", "output"]),
    ],
)
def test_a_layer_takes_over_weights_of_its_name_and_shapes(notation, shared, others):
    assert shared_layers(parse(notation), SOURCE) == (shared, others)


def test_nothing_in_common_and_frozen_random_numbers_are_refused():
    transfer = Transfer(source=16 * "0")
    with pytest.raises(SpecError, match="no layer matches the source"):
        check_transfer(Spec(network=parse("F D3"), transfer=transfer), SOURCE)
    new = Spec(
        network=parse("C8 M C8 M F D32"), transfer=Transfer(source=16 * "0", frozen=("conv2d_2",))
    )
    with pytest.raises(SpecError, match=r"conv2d_2 has a different shape .* unfreeze it"):
        check_transfer(new, SOURCE)
    kept = new.model_copy(update={"transfer": Transfer(source=16 * "0", frozen=("conv2d_1",))})
    check_transfer(kept, SOURCE)
