"""Optuna's plots of a study, in the style of the other figures.

Optuna computes and lays out the figures; here their backgrounds, titles and colors are replaced.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from ui.charts import parts, style

if TYPE_CHECKING:  # imported where it is used, as the import takes a third of a second
    from optuna import Study

VALUE = "val_accuracy"
_HIGH = 330  # pixels
_BAR = {"lenmode": "pixels", "len": 220, "yanchor": "top", "y": 1}


def history(study: "Study", theme: str, narrow: bool) -> go.Figure:
    """Return the value of each complete trial in order, and the best value so far."""
    from optuna.visualization import plot_optimization_history

    data, _ = _parts(plot_optimization_history(study, target_name=VALUE))
    trials, best = data[0], data[1]
    trials |= {"name": "a trial", "marker": {"color": style.VALIDATION, "size": 9}}
    trials["hovertemplate"] = "trial %{x}: %{y:.2%}<extra></extra>"
    best |= {"name": "best so far", "line": {"color": style.NEUTRAL, "width": 2, "shape": "hv"}}
    best["hovertemplate"] = "best so far: %{y:.2%}<extra></extra>"
    few = len(best["x"]) < 12
    y = _zoomed(VALUE, tickformat=".1%")
    return parts.figure([best, trials], _HIGH, _zoomed("trial", dtick=1 if few else None), y)


def importances(study: "Study", theme: str, narrow: bool) -> go.Figure:
    """Return the importance of each setting: how well it separates the best tenth of the trials.

    All importances sum to 1.
    Source: Watanabe, Bansal, Hutter 2023, PED-ANOVA (arXiv 2304.10255).
    """
    from optuna.importance import PedAnovaImportanceEvaluator
    from optuna.visualization import plot_param_importances

    evaluator = PedAnovaImportanceEvaluator()  # the only one that needs no scikit-learn
    (bars,), _ = _parts(plot_param_importances(study, evaluator, target_name=VALUE))
    bars |= {"marker": {"color": style.SERIES[0][0]}, "showlegend": False}
    bars["hovertemplate"] = "%{y}: %{x:.3f}<extra></extra>"
    room = [0, 1.12 * max(bars["x"])]  # for the numbers
    x = _zoomed("importance (sums to 1)", range=room)
    return parts.figure([bars], 90 + 44 * len(bars["y"]), x, _zoomed())


def parallel(study: "Study", theme: str, narrow: bool) -> go.Figure:
    """Return a line per trial through its value and its settings.

    narrow: draw the axes horizontally, one below the other, for a phone.
    """
    from optuna.visualization import plot_parallel_coordinate

    data, layout = _parts(plot_parallel_coordinate(study, target_name=VALUE))
    *lines, scale = data
    paper = style.TEXT["light" if theme == "dark" else "dark"]
    stops = [[*stop] for stop in style.rising(theme)]  # sample_colorscale takes no tuples
    for line in lines:  # on the first axis: the value, as a share of its range
        (color,) = sample_colorscale(stops, [line["y"][0]])
        line |= {"line": {"color": color, "width": 2}, "opacity": 0.85}
    lines.sort(key=lambda line: line["y"][0])  # the best on top
    scale["marker"] |= {"colorscale": style.rising(theme)}
    scale["marker"]["colorbar"] = {"thickness": 12, "tickformat": ".1%"}
    for note in layout["annotations"]:
        note["font"] = {"color": style.TEXT[theme], "size": 11}
        note["bgcolor"] = style.with_opacity(paper, 0.7)
        if note["x"] == 0:  # an axis of shares, which Optuna prints as plain numbers
            note["text"] = f"{float(note['text']):.1%}"
    for axis in layout["shapes"]:
        axis["line"]["color"] = style.NEUTRAL
    height = _HIGH
    if narrow:
        _turn(lines, layout)
        height = 70 * len(layout["yaxis"]["tickvals"]) + 60
    return parts.figure(
        lines if narrow else [*lines, scale],
        height,
        layout["xaxis"],
        layout["yaxis"],
        margin={"t": 16, "b": 40},
        annotations=layout["annotations"],
        shapes=layout["shapes"],
        showlegend=False,
        hovermode="closest",
    )


def _turn(lines: list[style.Attributes], layout: style.Attributes) -> None:
    """Swap x and y of the parallel coordinates: horizontal axes, one below the other."""
    for part in lines + layout["shapes"]:
        for x, y in (("x", "y"), ("x0", "y0"), ("x1", "y1")):
            if x in part:
                part[x], part[y] = part[y], part[x]
    for note in layout["annotations"]:
        note["x"], note["y"] = note["y"], note["x"]
        note |= {"xanchor": "center", "xshift": 0, "yanchor": "top", "yshift": -2}
    names, values = layout["xaxis"], layout["yaxis"]
    low, high = names["range"]
    layout["yaxis"] = names | {"range": [high + 0.3, low], "automargin": True}
    layout["xaxis"] = values | {"range": [-0.08, 1.08]}


def slices(study: "Study", theme: str, narrow: bool) -> go.Figure:
    """Return the value over each setting separately, up to three charts per row.

    Later trials have a stronger color.
    """
    from optuna.visualization import plot_slice

    data, layout = _parts(plot_slice(study, target_name=VALUE))
    across = 1 if narrow else min(3, len(data))
    rows = -(-len(data) // across)
    axes = {}
    width, gap = 1 / across, 0.04 if across > 1 else 0
    for place, points in enumerate(data):
        number = "" if place == 0 else str(place + 1)
        row, column = divmod(place, across)
        top = 1 - row / rows
        axis = layout[f"xaxis{number}"]
        if "categoryarray" in axis:
            axis["categoryarray"] = [_plain(word) for word in axis["categoryarray"]]
            points["x"] = [_plain(word) for word in points["x"]]
        elif axis.get("type") == "log":
            axis |= _decades(points["x"])
        domain = [column * width + gap * bool(column), (column + 1) * width - gap]
        axes[f"xaxis{number}"] = axis | {"domain": domain, "automargin": True}
        title = VALUE if column == 0 else ""
        down = {"anchor": f"x{number}", "domain": [top - 0.78 / rows, top], "tickformat": ".0%"}
        axes[f"yaxis{number}"] = _zoomed(title, **down) | ({"matches": "y"} if place else {})
        points["marker"] |= {"colorscale": style.rising(theme), "size": 9}
        points["marker"]["line"] = {"color": style.NEUTRAL, "width": 1}
        points["marker"]["colorbar"] = {"title": {"text": "trial"}, "thickness": 12} | _BAR
        points["hovertemplate"] = "%{x}: %{y:.2%}, trial %{marker.color}<extra></extra>"
    return parts.figure(data, 250 * rows + 50, showlegend=False, **axes)


def contour(study: "Study", theme: str, narrow: bool, pair: tuple[str, str]) -> go.Figure:
    """Return the value over two settings, interpolated between the trials, which are the points."""
    from optuna.visualization import plot_contour

    data, layout = _parts(plot_contour(study, params=list(pair), target_name=VALUE))
    ground, points = data[0], data[1]
    ground |= {"colorscale": style.rising(theme), "line": {"color": style.NEUTRAL}}
    ground["colorbar"] = {"thickness": 12, "tickformat": ".1%"}
    border = {"color": "white", "width": 1}
    points["marker"] = {"color": style.VALIDATION, "size": 9, "line": border}
    points |= {"showlegend": False, "hovertemplate": "%{x}, %{y}<extra></extra>"}
    x, y = (
        _zoomed()
        | layout[f"{name}axis"]
        | (_decades(points[name]) if layout[f"{name}axis"].get("type") == "log" else {})
        for name in ("x", "y")
    )
    return parts.figure([ground, points], _HIGH + 40, x, y)


def epochs(study: "Study", theme: str, narrow: bool) -> go.Figure:
    """Return the value after each epoch, a line per trial; pruned trials are dotted."""
    from optuna.trial import TrialState
    from optuna.visualization import plot_intermediate_values

    data, _ = _parts(plot_intermediate_values(study))
    pruned = {trial.number for trial in study.trials if trial.state == TrialState.PRUNED}
    done = [trial for trial in study.trials if trial.state == TrialState.COMPLETE]
    best = study.best_trial.number if done else None
    for line in data:
        number = int(line["name"].removeprefix("Trial"))
        look: style.Attributes = {"color": style.NEUTRAL, "width": 1.5, "dash": "solid"}
        if number in pruned:
            look |= {"color": style.WRONG, "dash": "dot"}
        if number == best:
            look |= {"color": style.VALIDATION, "width": 4}
        line |= {"line": look, "marker": {"color": look["color"], "size": 6}}
        line["hovertemplate"] = f"trial {number}, epoch %{{x}}: %{{y:.2%}}<extra></extra>"
    data.sort(key=lambda line: line["line"]["width"])  # the best on top
    few = max((max(line["x"]) for line in data), default=1) < 12
    x = _zoomed("epoch", dtick=1 if few else None)
    return parts.figure(data, _HIGH, x, _zoomed(VALUE, tickformat=".0%"), showlegend=False)


PLOTS: dict[str, tuple[int, Callable[..., go.Figure]]] = {
    "History": (1, history),
    "Importance": (10, importances),
    "Parallel coordinates": (2, parallel),
    "Slice": (2, slices),
    "Contour": (4, contour),
    "Epochs": (1, epochs),
}
"""The plots by name: the number of complete trials that each needs, and the function."""


def _parts(figure: go.Figure) -> tuple[list[style.Attributes], style.Attributes]:
    """Return the traces and the layout of a figure, as dictionaries."""
    made = figure.to_dict()
    return list(made["data"]), made["layout"]


def _zoomed(title: str = "", **more: Any) -> style.Attributes:
    """Return an axis that can be zoomed."""
    return parts.axis(title, **{"fixedrange": False} | more)


def _decades(values: Sequence[float]) -> style.Attributes:
    """Return ticks of a logarithmic axis: powers of ten, and 2 and 5 times them if few."""
    wide = max(values) / min(values) > 30
    return {"dtick": 1 if wide else "D2", "tickformat": "~g"}


def _plain(word: object) -> str:
    """Return a category without the quotes that Optuna puts around it: 'adam' becomes adam."""
    return str(word).strip("'")
