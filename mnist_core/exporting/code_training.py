"""Keras code for a spec's training: optimizer, learning rate, batches; text, no TensorFlow."""

from mnist_core.exporting.code_network import options
from mnist_core.network.optimizers import OPTIMIZERS
from mnist_core.network.spec import Spec, Training
from mnist_core.training.estimate import augments, steps
from mnist_core.training.learning_rate_finder import LEAST_SHARE

_CURVES = {
    "one_cycle": (
        "OneCycle",
        "Up to the peak over a quarter of the steps, then evenly down to a hundredth of it.",
        "keras.ops.minimum(4 * done, 1 - 0.99 * (done - 0.25) / 0.75)",
    ),
    "range_test": (
        "RangeTest",
        "Up to the peak by the same factor at every step.",
        f"keras.ops.power({LEAST_SHARE!r}, 1 - done)",
    ),
}
"""Schedules without a class in Keras: class name, docstring, share of the peak rate."""

_CLASS = '''\
class {name}(keras.optimizers.schedules.LearningRateSchedule):
    """{words}"""

    def __init__(self, peak, steps):
        self.peak, self.steps = peak, steps

    def __call__(self, step):
        done = keras.ops.cast(step, "float32") / self.steps
        return self.peak * {share}

    def get_config(self):
        return {{"peak": self.peak, "steps": self.steps}}


'''

_AUGMENT = '''\
SHIFT, ROTATION, ZOOM = {shift}, {rotation}, {zoom}  # pixels, degrees, share of the size


def augment(images, step):
    """Shift, turn and zoom each image by itself; what moves in from outside is paper (0)."""
    draw = tf.random.stateless_uniform((len(images), 4), (SEED, step), -1.0, 1.0)
    shift = tf.round(draw[:, :2] * (SHIFT + 0.5) * (1 - 1e-6))
    angle = draw[:, 2] * math.radians(ROTATION)
    scale = 1 / (1 + draw[:, 3] * ZOOM)
    cosine, sine = tf.cos(angle) * scale, tf.sin(angle) * scale
    middle = 13.5  # of 28 pixels, counted from 0
    to_x, to_y = middle + shift[:, 0], middle + shift[:, 1]
    from_x = middle - cosine * to_x + sine * to_y
    from_y = middle - sine * to_x - cosine * to_y
    zero = tf.zeros_like(angle)
    # where each pixel comes from: x = cosine x' - sine y' + from_x, y alike
    transforms = tf.stack([cosine, -sine, from_x, sine, cosine, from_y, zero, zero], axis=1)
    return keras.ops.image.affine_transform(images, transforms)


'''

_BATCHES = '''\
def batches():
    """Every epoch's batches, in an order that follows from the seed and the epoch."""
    step = 0
    for epoch in range(EPOCHS):
        order = np.random.default_rng([SEED, epoch]).permutation(len(x_train))
        for start in range(0, len(order), BATCH_SIZE):
            rows = order[start : start + BATCH_SIZE]
            yield {images}, y_train[rows]
            step += 1


'''


def compile_code(spec: Spec, exact: bool) -> str:
    """Return code that compiles the model. exact: without XLA, which rounds differently."""
    training = spec.training
    rate, before = _learning_rate(spec)
    kind, fields = OPTIMIZERS[training.optimizer], Training.model_fields
    own = {name: (getattr(training, name), fields[name].default) for name in kind.settings}
    settings = f"learning_rate={rate}" + options(**own)
    loss = f'"{training.loss}"'
    if training.label_smoothing:
        smoothing = f"label_smoothing={training.label_smoothing!r}"
        loss = f"keras.losses.CategoricalCrossentropy({smoothing})"
    plain = "    jit_compile=False,  # XLA rounds differently from the app\n" if exact else ""
    return (
        f"{before}"
        "model.compile(\n"
        f"    optimizer=keras.optimizers.{kind.keras}({settings}),\n"
        f"    loss={loss},\n"
        '    metrics=["accuracy"],\n'
        f"{plain}"
        ")\nmodel.summary()"
    )


def _learning_rate(spec: Spec) -> tuple[str, str]:
    """Return the optimizer's learning-rate argument, and the code that has to precede it."""
    peak, total = repr(spec.training.learning_rate), steps(spec).total
    schedules = "learning_rate = keras.optimizers.schedules."
    match spec.training.schedule:
        case "cosine":
            return "learning_rate", f"{schedules}CosineDecay({peak}, decay_steps={total})\n"
        case "step":
            # A boundary of Keras is the last step, from 0, with the old rate.
            half, three_quarters = (total + 1) // 2 - 1, (3 * total + 3) // 4 - 1
            return "learning_rate", (
                f"{schedules}PiecewiseConstantDecay(\n"
                f"    [{half}, {three_quarters}], [{peak}, {peak} / 10, {peak} / 100]\n)\n"
            )
        case "one_cycle" | "range_test" as kind:
            name, words, share = _CURVES[kind]
            code = "\n" + _CLASS.format(name=name, words=words, share=share)
            return f"{name}({peak}, steps={total})", code
        case "constant":
            return peak, ""


def makes_batches(spec: Spec, exact: bool) -> bool:
    """Whether the code passes a generator of batches to `fit`, and not arrays."""
    return exact or augments(spec)


def fit_code(spec: Spec, exact: bool) -> str:
    """Return code that trains. exact: with the same batches in the same order as in the app."""
    training = spec.training
    lines = ["history = model.fit("]
    if makes_batches(spec, exact):
        lines += ["    batches(),", "    steps_per_epoch=math.ceil(len(x_train) / BATCH_SIZE),"]
        lines += ["    epochs=EPOCHS,", "    shuffle=False,  # they come shuffled"]
    else:
        lines += ["    x_train,", "    y_train,", f"    batch_size={training.batch_size},"]
        lines += [f"    epochs={training.epochs},"]
    if spec.split.kind != "none":
        lines += ["    validation_data=(x_val, y_val),"]
    if training.early_stopping:
        lines += [
            "    callbacks=[",
            "        keras.callbacks.EarlyStopping(",
            f'            monitor="val_loss", patience={training.early_stopping}, '
            "restore_best_weights=True",
            "        )",
            "    ],",
        ]
    return _batches(spec, exact) + "\n".join([*lines, ")"])


def _batches(spec: Spec, exact: bool) -> str:
    if not makes_batches(spec, exact):
        return (
            "# Keras shuffles in its own order, so figures differ slightly from the app's;\n"
            "# the script of a run (Results, Export) repeats it batch by batch.\n"
        )
    training, changes = spec.training, spec.training.augmentation
    head = f"BATCH_SIZE, EPOCHS = {training.batch_size}, {training.epochs}\n"
    if not augments(spec):
        return head + "\n\n" + _BATCHES.format(images="x_train[rows]")
    augment = _AUGMENT.format(
        shift=changes.shift, rotation=repr(changes.rotation), zoom=repr(changes.zoom)
    )
    return head + augment + _BATCHES.format(images="augment(x_train[rows], step)")
