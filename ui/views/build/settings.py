"""Widgets for the training settings and the split, each with help; they return core values."""

from collections.abc import Sequence
from typing import get_args

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.network.optimizers import OPTIMIZERS
from mnist_core.network.spec import Augmentation, Split, Training
from mnist_core.network.value import limits
from mnist_core.utils.hardware import native_bfloat16
from ui.session import drafts, state, teacher_link
from ui.views.build import augmentation, transfer
from ui.widgets import number_field, touch

OPTIMIZER_WORDS = {
    "adam": "momentum, and a smaller learning rate for weights with large recent gradients; a good "
    "first choice.",
    "adamw": "adam with weight decay: each step also shrinks every weight a little.",
    "rmsprop": "a learning rate for each weight, as in adam, but no momentum.",
    "sgd": r"plain gradient descent, $w \leftarrow w - \eta\,\nabla L$.",
    "nadam": "adam with Nesterov momentum.",
    "adagrad": "divides each weight's steps by the root of its summed squared gradients, so the "
    "steps keep shrinking; needs a larger learning rate, such as 0.01.",
    "adamax": "adam, divided by the largest recent gradient instead of the root mean square.",
    "lion": "moves every weight by the same amount; needs a smaller learning rate, such as 0.0001.",
}
HELP = {
    "epochs": "An epoch is one pass over all training images. Raise this number while validation "
    "still improves; lower it if the network overfits.",
    "batch_size": "Images per step. Small batches make many noisy steps; large batches make few "
    "steady steps. Try 32 and 512.",
    "optimizer": "How a gradient becomes a step:\n\n"
    + "\n".join(f"- {name}: {words}" for name, words in OPTIMIZER_WORDS.items()),
    "learning_rate": r"How far each step goes, $\eta$. The most important setting: ten times too "
    "large and the loss explodes, ten times too small and learning is slow. Try 0.0001 and 0.01.",
    "momentum": r"sgd only: each step keeps this share of the previous step, "
    r"$v \leftarrow \mu v - \eta\,\nabla L,\; w \leftarrow w + v$. 0.9 is usual.",
    "nesterov": "Looks one step ahead: takes the gradient where momentum would carry the weights.",
    "weight_decay": "adamw only: shrinks every weight a little at each step; empty means 0.004.",
    "beta_1": r"$\beta_1$: the share of the running mean of gradients that each step keeps. "
    "0.9 is usual.",
    "beta_2": r"$\beta_2$: the share of the running mean of squared gradients that each step "
    "keeps; the step is divided by the root of this mean. 0.999 is usual; a smaller value forgets "
    "faster.",
    "schedule": "How the learning rate changes. constant: not at all. cosine: falls to 0 along a "
    "cosine. one_cycle: rises over the first quarter, then falls to 1 %. step: falls to a tenth "
    "after half of the steps, and to a hundredth after three quarters.",
    "loss": r"Both are $-\ln p_{\text{label}}$, averaged over the batch. The sparse loss takes "
    "labels as digits; the other takes one-hot rows, which label smoothing needs.",
    "label_smoothing": r"Lowers the target for the right digit from 1 to $1 - \varepsilon$ (plus "
    "its share of the rest), so that the network is never too sure. 0.05 to 0.1 is usual.",
    "early_stopping": "Stops after this many epochs without a lower validation loss, and restores "
    "the best epoch's weights. Empty means off.",
    "precision": "mixed_bfloat16 computes with 8 significant bits instead of 24. It is faster on "
    "processors that support it; this processor {}.",
    "seed": "Fixes the initial weights and the order of the images: on one machine, the same seed "
    "gives the same network to the last bit. Change the seed to see how much is luck.",
    "shift": "Moves each image by up to this many pixels, differently in every epoch.",
    "rotation": "Turns each image by up to this many degrees.",
    "zoom": "Enlarges or shrinks each image by up to this share.",
    "split": "The images used for validation. The test set leaks, as in note 2: if it helps you "
    "choose settings, the test result is too good.",
}

_OPTIMIZER_STEPS: dict[str, tuple[float, str | None, str | None]] = {
    "weight_decay": (0.001, "%.4f", "0.004"),
    "beta_1": (0.01, "%.3f", None),
    "beta_2": (0.001, "%.4f", None),
}
"""Step, format and placeholder of an optimizer's numbers; all others have steps of 0.05."""

_NEAREST = {"learning_rate": 1e-6, "beta_1": 1e-3, "beta_2": 1e-4}
"""Distance of a widget's range from a limit that the setting must not reach, if not 0.01."""

_KINDS = {
    "last": "the last images",
    "fraction": "a share of the images",
    "fold": "one fold of several",
    "test": "the test set (leaks)",
    "none": "none",
}


def edit_training(draft: drafts.Draft) -> Training:
    """Draw the widgets of a draft's training settings in three columns; return the settings.

    Below them are two collapsed panels: augmentation, and transfer learning, which changes the
    draft itself.
    """
    old = draft.training
    if teacher_link.is_hidden("build.training"):
        return old.model_copy(update={"augmentation": _edit_panels(draft)})
    left, middle, right = _columns()
    with left:
        epochs = _number(draft, old, "epochs")
        batch_size = _number(draft, old, "batch_size")
        early = _number(draft, old, "early_stopping", placeholder="off")
        seed = _number(draft, old, "seed")
    with middle:
        optimizer = _one_of(draft, "optimizer", old.optimizer)
        rate = _number(draft, old, "learning_rate", 0.001, "%.6g")
        more = _edit_optimizer(draft, optimizer)
    with right:
        loss = _one_of(draft, "loss", old.loss)
        if loss == "categorical_crossentropy":
            more["label_smoothing"] = _number(draft, old, "label_smoothing", 0.05)
        schedule = _one_of(draft, "schedule", old.schedule)
        knows = "does" if native_bfloat16() else "does not"
        precision = _one_of(draft, "precision", old.precision, HELP["precision"].format(knows))
    values = {
        "epochs": epochs,
        "batch_size": batch_size,
        "seed": seed,
        "optimizer": optimizer,
        "learning_rate": rate,
        "schedule": schedule,
        "loss": loss,
        "early_stopping": early,
        "precision": precision,
        "augmentation": _edit_panels(draft),
    }
    return Training.model_validate(values | more)


def _columns() -> Sequence[DeltaGenerator]:
    """Return three columns; on a phone, one container three times, with two widgets per row."""
    return 3 * [st.container(horizontal=True)] if touch.on_phone() else st.columns(3)


def _edit_optimizer(draft: drafts.Draft, optimizer: str) -> dict[str, object]:
    """Draw the settings that only the chosen optimizer has; return their values by name."""
    old = draft.training
    more: dict[str, object] = {}
    for name in OPTIMIZERS[optimizer].settings:
        if name == "nesterov":
            if more["momentum"]:
                more[name] = st.toggle(name, old.nesterov, key=_key(draft, name), help=HELP[name])
        else:
            step, form, placeholder = _OPTIMIZER_STEPS.get(name, (0.05, None, None))
            more[name] = _number(draft, old, name, step, form, placeholder)
    return more


def _edit_panels(draft: drafts.Draft) -> Augmentation:
    left, right = st.columns(2, gap="small")
    with right:
        transfer.edit(draft)
    with left:
        return _edit_augmentation(draft)


def _edit_augmentation(draft: drafts.Draft) -> Augmentation:
    old = draft.training.augmentation
    if teacher_link.is_hidden("build.augmentation"):
        return old
    words = "Augmentation: small changes to every image"
    opened = st.expander(words, key=_key(draft, "augmentation"), on_change="rerun")
    if not opened.open:
        return old
    with opened:
        sliders = {name: _slider(draft, old, name) for name in Augmentation.model_fields}
        changes = Augmentation.model_validate(sliders)
        augmentation.show(changes, draft.training.seed)
    return changes


def _slider(draft: drafts.Draft, old: Augmentation, name: str) -> float:
    """Draw the slider of one change; return its amount."""
    least, most = limits(Augmentation, name)
    kind, step = (int, 1) if name == "shift" else (float, most / 50 if most < 1 else 1.0)
    return st.slider(
        name,
        kind(least),
        kind(most),
        kind(getattr(old, name)),
        step,
        "%g",
        key=_key(draft, name),
        help=HELP[name],
    )


def edit_split(draft: drafts.Draft) -> Split:
    """Draw the widgets of a draft's split; return the split. Raises SpecError if it is invalid.

    Its digits and handwriting come from the panel for transfer learning.
    """
    old, learned = draft.split, transfer.learned(draft)
    if teacher_link.is_hidden("build.split"):
        return Split.model_validate(old.model_dump() | learned)
    left, middle, right = _columns()
    kinds = list(_KINDS)
    with left:
        kind = st.selectbox(
            "Validation images",
            kinds,
            kinds.index(old.kind),
            format_func=_KINDS.__getitem__,
            key=_key(draft, "split"),
            help=HELP["split"],
        )
    values: dict[str, object] = {}
    with middle:
        if kind == "last":
            values["count"] = _number(draft, old, "count", 1000)
        elif kind == "fraction":
            values["fraction"] = _number(draft, old, "fraction", 0.05)
        elif kind == "fold":
            folds = values["folds"] = _number(draft, old, "folds")
            if folds is not None and old.fold > folds:
                old = old.model_copy(update={"fold": folds})
            values["fold"] = _number(draft, old, "fold")
            values["seed"] = _number(draft, old, "seed", name="split_seed")
    with right:
        values["limit"] = _number(draft, old, "limit", 1000, placeholder="all 60,000")
    return Split.model_validate({"kind": kind} | learned | values)


def _key(draft: drafts.Draft, name: str) -> str:
    """Return a widget key; a new edition of the draft gets new widgets, which take its values."""
    return state.key(f"set{draft.edition}", name)


def _number(
    draft: drafts.Draft,
    old: Training | Augmentation | Split,
    setting: str,
    step: float | None = None,
    form: str | None = None,
    placeholder: str | None = None,
    name: str = "",
) -> float | None:
    """Draw the widget of a number, with the limits of its field; return the number.

    old: holds the present value; name: of the widget, if it is not that of the setting.
    """
    name, value = name or setting, getattr(old, setting)
    annotation = type(old).model_fields[setting].annotation
    kind = float if float in (annotation, *get_args(annotation)) else int
    near = 1 if kind is int else _NEAREST.get(setting, 0.01)
    least, most = map(kind, limits(type(old), setting, near))
    if value is not None:  # a value from a link or a run may lie outside these limits
        value = kind(value)
        least, most = min(least, value), max(most, value)
    key, step = _key(draft, name), step or (1 if kind is int else None)
    look = {"step": step, "format": form, "help": HELP.get(name), "placeholder": placeholder}
    given = number_field.number_field(name, least, most, value, key, **look)
    number_field.show_refusal(key)
    return given


def _one_of(draft: drafts.Draft, name: str, value: str, words: str | None = None) -> str:
    options: list[str] = list(get_args(Training.model_fields[name].annotation))
    if name == "schedule":
        options.remove("range_test")  # a link may contain it, but only the Tune page offers it
    at = options.index(value) if value in options else 0
    return st.selectbox(name, options, at, key=_key(draft, name), help=words or HELP[name])
