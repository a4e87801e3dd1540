"""The figures at the top of the page Results: the test accuracy large, all others small."""

import streamlit as st

from mnist_core.evaluation.report import Report, about_loss
from mnist_core.evaluation.run import Run
from mnist_core.network.digits import write_digits
from mnist_core.network.notation import write
from mnist_core.network.query import to_query
from mnist_core.network.spec import Transfer
from mnist_core.network.transfer import shared_layers, weight_shapes
from mnist_core.utils.text import duration, percent, plain_markdown
from ui.session import cache, navigation, teacher_link
from ui.views.results import text
from ui.widgets import accuracy_figure, run_picker


def show(run: Run, report: Report) -> None:
    """Draw the test accuracy of a run in context, its other figures, and its description."""
    left, right = st.columns([2, 3], gap="medium")
    with left:
        accuracy_figure.show("Test accuracy", report, text.ACCURACY)
    with right.container(gap="small"):
        with st.container(horizontal=True, gap="small"):
            for words, theory in _others(report):
                st.markdown(words, width="content", help=theory)
        st.caption(_about(run))
        if not run.origin and (words := about_loss(run.spec)):
            st.caption(words)
        _start_from(run)
    if run.spec.split.digits:
        _learned(run, report)
    if run.spec.split.kind == "test":
        st.warning(text.LEAK, icon=":material/warning:")


def _learned(run: Run, report: Report) -> None:
    """Draw the accuracy on the digits that a run was trained on, and what it has forgotten."""
    learned = write_digits(run.spec.split.learned).replace("-", "\u2013")
    left, right = st.columns([2, 3], gap="medium")
    with left:
        own = report.only(run.spec.split.learned)
        accuracy_figure.show(f"On the digits {learned}", own, text.LEARNED)
    with right:
        st.markdown(text.NEVER_SHOWN.format(digits=learned))
        if forgotten := _forgotten(run, report):
            st.warning(forgotten, icon=":material/psychology_alt:")


def _forgotten(run: Run, report: Report) -> str:
    """Return how far the accuracy on the source's digits has fallen; empty if little or unknown."""
    source = cache.store().source(run.spec)
    before = cache.report(source) if source else None
    if source is None or before is None:
        return ""
    lost = [d for d in source.spec.split.learned if d not in run.spec.split.learned]
    _, others = shared_layers(run.spec.network, weight_shapes(source.spec.network))
    if not lost or others:  # a layer that started at random never knew them
        return ""
    old, new = before.only(lost), report.only(lost)
    if new.accuracy > old.accuracy - 0.05:
        return ""
    return text.FORGOTTEN.format(
        source=run_picker.run_number(source),
        digits=write_digits(lost).replace("-", "\u2013"),
        images=f"{len(old.labels):,}",
        before=percent(old.accuracy),
        after=percent(new.accuracy),
    )


def _others(report: Report) -> list[tuple[str, str]]:
    """Return the secondary figures in Markdown, each with its theory."""
    images = len(report.labels)
    missed = images - round(report.top2_accuracy * images)
    return [
        (f"Top-2 accuracy **{percent(report.top2_accuracy)}**: {missed:,} missed", text.TOP2),
        (f"Test loss **{report.loss:.4f}**", text.LOSS),
        (f"Calibration error **{percent(report.ece)}**", text.ECE),
    ]


def _start_from(run: Run) -> None:
    """Draw a link to Build with this network, starting from the weights of the run."""
    if run.weights_hash is None or teacher_link.is_hidden("build.transfer"):
        return
    start = Transfer(source=run.weights_hash)
    st.page_link(
        navigation.path("build"),
        label="Start a new run from these weights",
        icon=":material/account_tree:",
        query_params=to_query(run.spec.model_copy(update={"transfer": start})),
        help="Opens this network and its weights on Build. Freeze layers or choose digits there.",
    )


def _about(run: Run) -> str:
    """Return in Markdown which run this is and how it was trained."""
    reason = f": {run.reason}" if run.reason else ""
    training = (
        f"{run.epochs} of {run.planned} epochs · seed {run.spec.training.seed} · "
        f"{duration(run.seconds)} in training · {run.state}{reason}"
    )
    if run.origin:
        training = f"{run.reason} · from {plain_markdown(run.origin)}"
    network = f"`{write(run.spec.network)}` · {run.parameters:,} parameters"
    return f"{run_picker.run_sign(run)} · {network} · {training}"
