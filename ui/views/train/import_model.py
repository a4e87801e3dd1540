"""Import of a model trained elsewhere, and its view on the page Train."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from mnist_core.dataset.mnist import TEST_IMAGES
from mnist_core.evaluation.run import Run
from mnist_core.importing.errors import MAX_BYTES, ImportModelError, check_size
from mnist_core.importing.recording import record
from mnist_core.importing.sandbox import import_file
from mnist_core.network.notation import write
from mnist_core.utils.errors import MnistError
from mnist_core.utils.server_settings import server_settings
from mnist_core.utils.text import GUESSING_ACCURACY, accuracy_in_context, plain_markdown
from ui.session import cache, drafts, selection, state, visitor
from ui.views.train import live
from ui.widgets import messages

ABOUT = (
    "Test a network that you trained in a notebook, look inside it, and let it read your drawings. "
    'Save it with `model.save("mine.keras")` or as `.h5`. The app reads the file as plain data and '
    "never runs code in it."
)
WEIGHTS = (
    "A weights file does not describe its network. Without a model.json, the app uses the network "
    "on the Build page, `{network}`."
)
NO_DRAFT = "A weights file needs a model.json, or a working network on the Build page."
GUESSES = (
    "That is hardly better than guessing. Was the network trained on upright digits, white on "
    "black, as in MNIST?"
)
_EDITION = "train_bring_edition"


def key() -> str:
    """Return the key of the import box; it changes after each import, to close and empty it."""
    return state.key("train_bring", state.get(_EDITION, 0))


def show_expander() -> None:
    """Draw the collapsed box that imports a model."""
    box = st.expander(
        "Import",
        icon=":material/upload_file:",
        key=key(),
        on_change="rerun",
    )
    if box.open:
        with box:
            show()


def show() -> None:
    """Draw the file uploader, and make a run from an uploaded file."""
    st.write(ABOUT)
    files = st.file_uploader(
        "A network saved by Keras",
        key=state.key(key(), "file"),
        max_upload_size=server_settings().upload_mb(MAX_BYTES // 2**20),
        accept_multiple_files=True,
        help="model.save writes .keras and .h5; model.save_weights writes .weights.h5. With a "
        "weights file, add the model.json from model.to_json, which describes the network.",
    )
    draft = drafts.current().working_spec()
    st.caption(WEIGHTS.format(network=write(draft.network)) if draft else NO_DRAFT)
    if not st.button(
        "Import",
        icon=":material/upload_file:",
        key="train_bring_go",
        type="primary",
        disabled=not files,
    ):
        return
    if not files:  # removed in the meantime
        return
    try:
        file, layers = _choose(files)
        check_size(sum(each.size for each in files))  # the browser's own check can be bypassed
        with st.spinner("Reading the file ..."):
            network = draft.network if draft and layers is None else None
            brought = import_file(file.getvalue(), network, layers and layers.getvalue())
        run = record(cache.store(), brought, file.name)
    except MnistError as error:
        messages.show_error(error)
        return
    selection.choose_run(run.id)
    state.increment(_EDITION)
    st.rerun()


def _choose(files: list[UploadedFile]) -> tuple[UploadedFile, UploadedFile | None]:
    """Return the file of the network, and a model.json beside it. Raises ImportModelError."""
    layers = [file for file in files if file.name.lower().endswith(".json")]
    others = [file for file in files if file not in layers]
    if len(files) == 1:
        return files[0], None
    if len(layers) != 1 or len(others) != 1:
        raise ImportModelError(
            "import one network at a time, either a model or a weights file with its model.json; "
            f"received {len(files)} files: remove the extra ones"
        )
    return others[0], layers[0]


def result(run: Run) -> None:
    """Draw the source of an imported run, its test result, and links to other pages."""
    st.caption(
        f"`{write(run.spec.network)}` · {run.parameters:,} parameters · "
        f"from {plain_markdown(run.origin)}"
    )
    st.info(
        f"{messages.sentence(run.reason)} Imported networks have no learning curves.",
        icon=":material/info:",
    )
    if run.test_accuracy is None:
        _test(run)
        return
    words = f"On the test set: **{accuracy_in_context(run.test_accuracy, TEST_IMAGES)}**."
    if run.test_accuracy > GUESSING_ACCURACY:
        st.success(words, icon=":material/fact_check:")
    else:
        st.warning(f"{words} {GUESSES}", icon=":material/warning:")
    with st.container(horizontal=True):
        live.link_results()


def _test(run: Run) -> None:
    """Queue the evaluation of an imported run on the test set."""
    if not cache.engine().status().ready:
        messages.wait("Your network is saved. It will read the 10,000 test images next.")
        return
    try:
        with st.spinner("Your network is reading the 10,000 test images ..."):
            cache.engine().assess_import(visitor.workspace(), run)
    except MnistError as error:
        messages.show_error(error)
        st.button("Try again", icon=":material/refresh:", key=state.key("train_bring_test", run.id))
        return
    st.rerun()
