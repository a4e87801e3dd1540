"""Learning curves of one run, for the pages Train and Results."""

import streamlit as st

from mnist_core.evaluation.diagnosis import best_epoch
from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.run import Run
from mnist_core.storage import artifacts
from ui.charts import training
from ui.session import cache, polling, state
from ui.widgets import chart, touch


def show(run: Run, epochs: list[Epoch]) -> None:
    """Draw loss and accuracy side by side, per batch and per epoch."""
    batches = polling.batches(run)
    changes = artifacts.load_rate_changes(cache.store(), run.id)
    best = best_epoch(epochs)
    for column, metric, values in zip(st.columns(2), ("loss", "accuracy"), batches, strict=True):
        column.markdown(f"**{metric.capitalize()}**")
        with column:
            chart.show(
                training.curves(
                    metric,
                    epochs,
                    values,
                    run.steps,
                    best.epoch if best else None,
                    changes,
                    touch.on_phone(),
                ),
                f"{metric} of training and validation over {len(epochs)} epochs",
                state.key("train", metric),
            )
