"""The tab of the page Results that exports a run as files."""

from functools import partial

import streamlit as st

from mnist_core.engine.status import Status
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run
from mnist_core.exporting import formats, script, texts
from mnist_core.exporting.formats import CODE, MODEL, RECORD, Format
from mnist_core.storage import handwriting
from mnist_core.storage.learned import CollectionError
from mnist_core.storage.runs import Store
from ui.session import cache, state, visitor

WORDS = {
    CODE: (
        "Plain Keras that needs nothing from this app: the same first weights, the same batches in "
        "the same order. What differs is rounding, in the third digit or so of the first losses. "
        "If pydot and Graphviz are installed, `keras.utils.plot_model(model, show_shapes=True, "
        "show_layer_activations=True)` saves a drawing of the layers as `model.png`."
    ),
    MODEL: (
        "A network reads images of shape (n, 28, 28, 1) with pixels divided by 255, and answers "
        "with ten probabilities each. A worker makes the file when you ask for it; if that fails, "
        "it was busy or lost: try again in some seconds."
    ),
    RECORD: "What the app has measured and written down, for a report of your own.",
}
GONE = "Some of the digits this run learned from were deleted, so this file can no longer be made."
BROUGHT = (
    "Plain Keras that needs nothing from this app, to train these layers anew. How the network of "
    "your file was trained is not known here: where the file told no setting, the app's own stands."
)


def show(run: Run, report: Report, store: Store) -> None:
    """Draw the downloads of a run in three groups, and a preview of its script."""
    status = cache.engine().status()
    sizes = cache.text_sizes(run)
    left, right = st.columns(2, gap="large")
    for group, column in ((CODE, left), (MODEL, right), (RECORD, left)):
        with column:
            st.header(group)
            st.write(BROUGHT if group == CODE and run.origin else WORDS[group])
            if group == MODEL:
                parts = f"{run.parameters:,} parameters of 4 bytes: {_size(4 * run.parameters)}"
                st.caption(f"{parts} of weights.")
            for format in (f for f in formats.offered(run.spec) if f.group == group):
                _file(run, store, format, status, sizes.get(format.ending))
    with st.expander(
        "Look at the script",
        icon=":material/code:",
        on_change="rerun",
        key="results_script",
    ) as box:
        if box.open:
            st.code(script.of_run(run), language="python")


def _lost(format: Format, run: Run, store: Store) -> str:
    """Return why the handwriting of a run cannot be exported any more; empty if it can."""
    try:
        if format.ending == formats.DIGITS:
            handwriting.check_learned(store, run.spec.split)
    except CollectionError:
        return GONE
    return ""


def _file(run: Run, store: Store, format: Format, status: Status, size: int | None) -> None:
    """Draw the button of one file, which is made on request, and the purpose of the file."""
    name = formats.stem(run) + format.ending
    obstacle = formats.obstacle(format, run.spec) or _lost(format, run, store)
    if format.text:
        make = partial(texts.TEXTS[format.ending], store, run.id)
    else:
        make = partial(cache.engine().export, visitor.workspace(), run, format.ending)
        obstacle = obstacle or ("" if status.ready else f"It waits: {status.words}.")
    with st.container(gap="xxsmall"):
        st.download_button(
            name,
            make,
            name,
            key=state.key("results_download", format.ending),
            icon=":material/download:",
            on_click="ignore",
            disabled=bool(obstacle),
        )
        st.caption(" ".join([format.words, *([_size(size) + "."] if size else []), obstacle]))


def _size(size: int) -> str:
    """Return a size in bytes as text, such as 6.8 kB or 370 kB."""
    return f"{size / 1000:.1f}\u00a0kB" if size < 10_000 else f"{size / 1000:,.0f}\u00a0kB"
