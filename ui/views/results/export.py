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
        "Plain Keras, without this app: the same initial weights and the same batches in the same "
        "order. Only rounding differs; it changes about the third digit of the first losses. "
        "With pydot and Graphviz, `keras.utils.plot_model(model, show_shapes=True, "
        "show_layer_activations=True)` draws the layers in `model.png`."
    ),
    MODEL: (
        "Input: images of shape (n, 28, 28, 1), pixels divided by 255. Output: ten probabilities "
        "per image. If a download fails, try again in a few seconds."
    ),
    RECORD: "The app's measurements and notes, for your report.",
}
GONE = "Some of the digits this run learned from were deleted, so this file can no longer be made."
BROUGHT = (
    "Plain Keras, without this app, to train these layers from scratch. Settings that your file "
    "does not contain have the app's default values."
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
                size = _size(4 * run.parameters)
                st.caption(f"{run.parameters:,} parameters, 4 bytes each: {size} of weights.")
            for format in (f for f in formats.offered(run.spec) if f.group == group):
                _file(run, store, format, status, sizes.get(format.ending))
    with st.expander(
        "View the script",
        icon=":material/code:",
        on_change="rerun",
        key="results_script",
    ) as box:
        if box.open:
            st.code(script.of_run(run), language="python")


def _lost(format: Format, run: Run, store: Store) -> str:
    """Return why the handwriting of a run can no longer be exported; empty if it can."""
    try:
        if format.ending == formats.DIGITS:
            handwriting.check_learned(store, run.spec.split)
    except CollectionError:
        return GONE
    return ""


def _file(run: Run, store: Store, format: Format, status: Status, size: int | None) -> None:
    """Draw the download button of a file, which is made on request, and the file's purpose."""
    name = formats.stem(run) + format.ending
    obstacle = formats.obstacle(format, run.spec) or _lost(format, run, store)
    if format.text:
        make = partial(texts.TEXTS[format.ending], store, run.id)
    else:
        make = partial(cache.engine().export, visitor.workspace(), run, format.ending)
        obstacle = obstacle or ("" if status.ready else f"Waiting: {status.words}.")
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
