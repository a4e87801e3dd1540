"""What a visitor of a hosted server is told: the open workspace, its limits, future deletions.

None of it is shown on other servers, which have no limits.
"""

import pandas as pd
import streamlit as st

from mnist_core.network.spec import Spec
from mnist_core.storage import quota
from mnist_core.storage.quota import QuotaError, check_batch
from mnist_core.utils.server_settings import server_settings
from mnist_core.utils.text import plural
from ui.session import address, cache, links, visitor
from ui.widgets import messages

OWN = (
    "**Your own workspace.** Nobody else sees your runs. This browser remembers them; "
    "other devices need your link. Keep the link to yourself: whoever has it can do everything you "
    "can."
)
NOT_REMEMBERED = (
    "**The workspace of this address.** Your browser stores nothing for this app, so the address "
    "is the only key to your runs: bookmark it, and do not share it. If somebody sent you this "
    "address, they see the same runs and can do everything you can."
)
CLASS = (
    "**Class workspace {name}.** Everyone with its link sees the same runs, leaderboards "
    "and queue, and can stop, rename and delete runs. Your progress in lessons stays private."
)
LENT = (
    "**Shared workspace {name}.** A link opened it; it may be your own workspace from another "
    "device. Everyone with the link sees the same runs, and can stop, rename and delete them. Your "
    "progress in lessons stays in this browser."
)
NO_WAY_BACK = (
    "Your browser stores nothing for this app: after a refresh, you need a saved link to return to "
    "your own runs."
)


def show_workspace() -> None:
    """Draw, for the page Home, whose workspace is open and how much of its limits is used."""
    if not server_settings().hosted:
        return
    st.header("Your workspace on this server")
    if visitor.is_own():
        remembered = visitor.is_remembered()
        st.write(OWN if remembered else NOT_REMEMBERED)
        if remembered:
            link = st.expander("My link", icon=":material/key:", key="hosted_link")
            query = {address.WORKSPACE: visitor.own_token()}
            link.code(links.with_query(links.here(), query), language=None, wrap_lines=True)
    else:
        st.write((CLASS if visitor.in_class() else LENT).format(name=visitor.name()))
        if not visitor.is_remembered():
            st.write(NO_WAY_BACK)
    limits = st.expander(
        "Limits of this server", icon=":material/speed:", key="hosted_limits", on_change="rerun"
    )
    if limits.open:
        with limits:
            _limits()


def _limits() -> None:
    allowed, store = server_settings(), cache.store()
    used = quota.usage(store.database, store.workspace)
    rows = [
        ("Parameters per network", f"{allowed.max_parameters:,}", ""),
        ("Multiply-adds per image", f"{allowed.max_multiply_adds:,}", ""),
        ("MB of activations per batch", f"{allowed.max_activation_mb:,g}", ""),
        ("Epochs per run", f"{allowed.max_epochs:,}", ""),
        ("Seconds of training per run", f"{allowed.max_seconds:,g}", ""),
        ("Queued runs per workspace", f"{allowed.max_queued:,}", f"{used.waiting:,}"),
        ("Runs per workspace", f"{allowed.max_runs:,}", f"{used.runs:,}"),
        ("Handwritten digits per person", f"{allowed.max_digits_per_writer:,}", ""),
        ("Handwritten digits per workspace", f"{allowed.max_digits:,}", ""),
        ("MB of handwriting, all workspaces", f"{allowed.max_handwriting_mb:,g}", ""),
        ("MB per upload", f"{allowed.max_upload_mb:,g}", ""),
        (
            "MB of runs, all workspaces",
            f"{allowed.max_database_mb:,g}",
            f"{cache.kept_mb():,.0f}",
        ),
    ]
    st.dataframe(
        pd.DataFrame(rows, columns=["What", "Limit", "Used"]),
        hide_index=True,
        alt="The limits of this server and how much of them is used",
    )
    st.write(
        "Workspaces take turns training. A run that has used up its time stops and keeps its "
        "weights. When a workspace is full, its oldest unpinned run is deleted. When the server is "
        "full, the oldest runs of all workspaces are deleted, pinned runs last. **Pin** a run on "
        "the Compare page to keep it, and **export** it on Results to keep it for good."
    )


def announce_run(spec: Spec) -> None:
    """Say which run will be deleted to make room for a run of a spec, or why none can start."""
    try:
        quota.check_epochs(spec.training.epochs)
        check_batch(spec)
    except QuotaError as error:
        st.warning(messages.sentence(str(error)), icon=":material/warning:")
    else:
        announce_deletions()


def announce_deletions(new: int = 1) -> None:
    """Say which runs will be deleted to make room for new ones, or why there is no room."""
    store = cache.store()
    try:
        gone = quota.runs_to_displace(store.database, store.workspace, new)
    except QuotaError as error:
        messages.show_error(error)
        return
    if gone:
        numbers = [str(store.run(run_id).number) for run_id in gone[:3]]
        names = ", ".join(numbers) + (" ..." if len(gone) > 3 else "")
        st.caption(
            f":material/auto_delete: This workspace keeps at most "
            f"{plural(server_settings().max_runs, 'run')}. To make room for "
            f"{'this run' if new == 1 else f'{new} more'}, {plural(len(gone), 'run')} will be "
            f"deleted ({names}), oldest first. Pin runs on Compare to keep them."
        )
