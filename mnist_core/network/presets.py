"""Named specs: the course notes, well-known networks, and our records in speed, accuracy, size."""

from dataclasses import dataclass

from mnist_core.network.layers import Dense, Flatten
from mnist_core.network.notation import parse
from mnist_core.network.spec import Augmentation, Network, Spec, Split, Training
from mnist_core.network.value import SpecError
from mnist_core.utils.text import short_repr


@dataclass(frozen=True)
class Preset:
    """A named spec with its title, and the parameters, test accuracy and loss of its source.

    source: the preset whose trained weights it starts from, with `frozen` layers, since the spec
    alone cannot name a run. learned_accuracy: the accuracy that its source reports on the digits
    that it learns. handwriting: whether it learns from a class's handwriting, which the spec alone
    cannot name either.
    """

    name: str
    title: str
    spec: Spec
    parameters: int | None = None
    accuracy: float | None = None
    loss: float | None = None
    source: str = ""
    frozen: tuple[str, ...] = ()
    learned_accuracy: float | None = None
    handwriting: bool = False

    def is_preset_of(self, spec: Spec) -> bool:
        """Whether a spec is this preset, with whichever weights of its source and handwriting."""
        starts = spec.transfer is not None, spec.frozen, spec.split.handwriting is not None
        split = spec.split.model_copy(update={"handwriting": None})
        bare = spec.model_copy(update={"transfer": None, "split": split})
        return bare == self.spec and starts == (bool(self.source), self.frozen, self.handwriting)


@dataclass(frozen=True)
class Study:
    """Several specs that differ in one setting, and the best accuracy that the source reports."""

    name: str
    title: str
    presets: tuple[Preset, ...]
    accuracy: float


@dataclass(frozen=True)
class Result:
    """The result of training a preset here, beside what its source reports.

    id, number: of its run; number is the one that people see. Accuracies in [0, 1]; seconds of
    training. A reported figure is None where the source has none.
    """

    name: str
    id: int
    number: int
    epochs: int
    reported_parameters: int | None
    parameters: int
    reported_accuracy: float | None
    test_accuracy: float
    reported_loss: float | None
    test_loss: float
    seconds: float


_ONE_HOT = "categorical_crossentropy"
_TRANSFER = parse("C32 C32 M Drop0.25 F D128 Drop0.5")
_CONVOLUTIONS = ("conv2d_1", "conv2d_2")
"""Keras's example of transfer learning of 2016, but with ten outputs and Adam.

Its source trains five epochs each with Adadelta, on five outputs.
"""

_GENTLE = Augmentation(shift=1, rotation=7, zoom=0.07)


def _small(
    below: int,
    accuracy: str,
    notation: str,
    epochs: int,
    learning_rate: float,
    augmentation: Augmentation = Augmentation(),  # noqa: B008
) -> Preset:
    """Return a preset with fewer than `below` parameters and at least this test accuracy."""
    training = Training(
        learning_rate=learning_rate,
        beta_1=0.8,
        beta_2=0.95,
        schedule="one_cycle",
        epochs=epochs,
        augmentation=augmentation,
    )
    return Preset(
        f"under-{below}",
        f"{accuracy}\u00a0% with fewer than {below:,} parameters",
        Spec(network=parse(notation), training=training, split=Split(kind="none")),
    )


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "note-1",
            "Course note 1: two convolutions, 50,000 training images",
            Spec(
                network=parse("C32 M C64 M F D128"),
                training=Training(epochs=30),
                split=Split(kind="last", count=10_000),
            ),
            parameters=225_034,
            accuracy=0.9923,
            loss=0.0423,
        ),
        Preset(
            "note-2",
            "Course note 2: validation on the test set",
            Spec(
                network=parse("C32same M C64 M C64 F D64"),
                training=Training(epochs=20, loss=_ONE_HOT),
                split=Split(kind="test"),
            ),
            parameters=121_994,
            accuracy=0.9931,
            loss=0.0353,
        ),
        Preset(
            "note-3",
            "Course note 3: RMSprop, no validation",
            Spec(
                network=parse("C32 M C64 M C64 F D64"),
                training=Training(optimizer="rmsprop", batch_size=64, epochs=5, loss=_ONE_HOT),
                split=Split(kind="none"),
            ),
            parameters=93_322,
        ),
        Preset(
            "note-5",
            "Course note 5: a small network with dropout",
            Spec(
                network=parse("C8 M C16 M F D64 Drop0.2"),
                training=Training(epochs=10),
                split=Split(kind="fraction", fraction=0.2),
            ),
            parameters=27_562,
            accuracy=0.9877,
            loss=0.0360,
        ),
        Preset(
            "keras-example",
            "Keras's own MNIST example, with dropout",
            Spec(
                network=parse("C32 M C64 M F Drop0.5"),
                training=Training(epochs=15, loss=_ONE_HOT),
                split=Split(kind="fraction", fraction=0.1),
            ),
        ),
        Preset(
            "digits-0-4",
            "Keras's transfer example: first the digits 0 to 4",
            Spec(
                network=_TRANSFER,
                split=Split(kind="fraction", fraction=0.1, digits=(0, 1, 2, 3, 4)),
            ),
            parameters=600_810,
            learned_accuracy=0.998,
        ),
        Preset(
            "digits-5-9",
            "Then the digits 5 to 9, with frozen convolutions",
            Spec(
                network=_TRANSFER,
                split=Split(kind="fraction", fraction=0.1, digits=(5, 6, 7, 8, 9)),
            ),
            parameters=600_810,
            source="digits-0-4",
            frozen=_CONVOLUTIONS,
            learned_accuracy=0.992,
        ),
        Preset(
            "100-images",
            "The digits 5 to 9 from 100 images, with frozen convolutions",
            Spec(
                network=_TRANSFER,
                training=Training(batch_size=10, epochs=20),
                split=Split(kind="none", limit=100, digits=(5, 6, 7, 8, 9)),
            ),
            source="digits-0-4",
            frozen=_CONVOLUTIONS,
        ),
        Preset(
            "our-class",
            "Fine-tune a trained note-5 on your class's handwriting",
            Spec(
                network=parse("C8 M C16 M F D64 Drop0.2"),
                training=Training(batch_size=32, epochs=5),
                split=Split(kind="last", count=1_000, limit=2_000),
            ),
            parameters=27_562,
            source="note-5",
            handwriting=True,
        ),
        Preset(
            "lenet-5",
            "LeNet-5 after LeCun et al. 1998",
            Spec(
                network=parse("C6k5sametanh A C16k5tanh A C120k5tanh F D84tanh"),
                training=Training(epochs=10),
                split=Split(kind="last", count=10_000),
            ),
        ),
        Preset(
            "fast",
            "99 % in the least time",
            Spec(
                network=parse("C16k5 M C48 M F D64"),
                training=Training(
                    learning_rate=8e-3,
                    beta_1=0.7,
                    beta_2=0.9,
                    schedule="one_cycle",
                    loss=_ONE_HOT,
                    label_smoothing=0.05,
                    epochs=1,
                    precision="mixed_bfloat16",
                ),
                split=Split(kind="none"),
            ),
        ),
        Preset(
            "accurate",
            "Past 99.5\u00a0% in a minute",
            Spec(
                network=parse("C32k5 M C64 M C128same F Drop0.3 D128"),
                training=Training(
                    learning_rate=4e-3,
                    schedule="one_cycle",
                    loss=_ONE_HOT,
                    label_smoothing=0.05,
                    epochs=8,
                    precision="mixed_bfloat16",
                    augmentation=Augmentation(shift=2, rotation=10, zoom=0.1),
                ),
                split=Split(kind="none"),
            ),
        ),
        _small(8000, "99.4", "C8bn C12bn M C16bn C16bn M C16bn GAP", 20, 0.01, _GENTLE),
        _small(
            *(2000, "99", "C8silu SC12silu M SC16silu SC16silu SC20silu M DCk3linear F"),
            *(40, 0.015, _GENTLE),
        ),
        _small(600, "98", "C4silu SC6silu M SC8silu SC8silu M DCk4linear F", 30, 0.02),
    )
}


def _hidden(depth: int) -> Preset:
    layers = (Flatten(), *[Dense(units=512)] * depth)
    return Preset(
        f"note-4/{depth}",
        ("No hidden layer", "1 hidden layer of 512")[depth]
        if depth < 2
        else f"{depth} hidden layers of 512",
        Spec(
            network=Network(layers=layers),
            training=Training(batch_size=100, epochs=5),
            split=Split(kind="fold", folds=5, fold=1),
        ),
    )


NOTE_4 = Study(
    "note-4",
    "Course note 4: how accuracy moves with the number of hidden layers",
    tuple(_hidden(depth) for depth in range(5)),
    accuracy=0.9806,
)

NOTES: dict[str, tuple[Preset, ...]] = {
    "note-1": (PRESETS["note-1"],),
    "note-2": (PRESETS["note-2"],),
    "note-3": (PRESETS["note-3"],),
    "note-4": NOTE_4.presets,
    "note-5": (PRESETS["note-5"],),
}


def find(name: str) -> Spec:
    """Return the spec of a preset or of a part of note 4, `note-4/2`. Raises SpecError."""
    known = PRESETS | {preset.name: preset for preset in NOTE_4.presets}
    if name not in known:
        raise SpecError(
            f"there is no preset {short_repr(name, 40)}: choose one of {', '.join(known)}"
        )
    return known[name].spec
