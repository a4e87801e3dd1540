"""The idea Padding, stride and output size: each position of a window, drawn."""

import streamlit as st

from mnist_core.teaching.concepts import sliding
from mnist_core.teaching.concepts.sliding import Sliding
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plural
from ui.charts.ideas import spatial
from ui.session import state
from ui.views.learn.ideas.idea import FEATURE_MAPS, Idea, Where
from ui.views.learn.ideas.layout import controls_and_figure
from ui.widgets import chart, messages, touch
from ui.widgets.controls import choice, slider

VALID, SAME, OWN = "valid", "same", "p zeros on each side"
NAMED = 6  # unread rows that are listed one by one


@st.fragment
def show() -> None:
    """Draw the controls, the grid with the window, and the arithmetic."""
    controls, figure = controls_and_figure()
    with controls:
        n = slider("Input side n", 1, 28, 5, key="idea_output_size_n")
        k = slider("Kernel side k", 1, 7, 3, key="idea_output_size_k")
        s = slider("Stride s", 1, 4, 1, key="idea_output_size_s")
        padding = choice("Padding", [VALID, SAME, OWN], "idea_output_size_padding")
        p = 0
        if padding == OWN:
            p = slider("Padding p", 0, 3, 1, key="idea_output_size_p")
        try:
            side = sliding.same(n, k, s) if padding == SAME else sliding.padded(n, k, s, p)
        except MnistError as error:
            messages.show_error(error)
            return
        place = _place(side.outputs)
    with figure:
        chart.show(
            spatial.sliding(side, place, st.context.theme.type, 230 if touch.on_phone() else 360),
            f"A {n} by {n} input with its padding; the window at output row {place[0]}, column "
            f"{place[1]}; {side.outputs} by {side.outputs} outputs",
        )
        st.caption(
            "Gray: pixels of the image. Blue with 0: padding. Red with ×: pixels that no window "
            "reads. Green: outputs so far. Point at a cell to see how many windows read it."
        )
    for line in _arithmetic(side, padding, p):
        st.latex(line)
    st.markdown(_where(side, place) + _lost(side))


def _place(outputs: int) -> tuple[int, int]:
    """Draw the choice of a window, numbered row by row; return its row and column."""
    if outputs == 1:
        return 0, 0
    chosen = slider(
        f"Window, 1 to {outputs**2:,}, row by row",
        *(1, outputs**2, 1),
        key=state.key("idea_output_size_window", outputs),
    )
    return divmod(chosen - 1, outputs)


def _arithmetic(side: Sliding, padding: str, p: int) -> list[str]:
    """Return the formula with the present numbers in LaTeX."""
    n, k, s, o = side.n, side.k, side.s, side.outputs
    if padding == SAME:
        return [
            rf"o = \left\lceil \frac{{n}}{{s}} \right\rceil = "
            rf"\left\lceil \frac{{{n}}}{{{s}}} \right\rceil = {o}",
            rf"P = \max\bigl(({o} - 1) \cdot {s} + {k} - {n},\; 0\bigr) = "
            f"{side.before + side.after}",
        ]
    zeros, given = ("", "") if padding == VALID else (" + 2p", rf" + 2 \cdot {p}")
    return [
        rf"o = \left\lfloor \frac{{n{zeros} - k}}{{s}} \right\rfloor + 1 = "
        rf"\left\lfloor \frac{{{n}{given} - {k}}}{{{s}}} \right\rfloor + 1 = {o}"
    ]


def _where(side: Sliding, place: tuple[int, int]) -> str:
    """Return where the window begins, and which padding it covers."""
    top, left = (int(side.starts[index]) for index in place)
    zeros = ""
    if side.before or side.after:
        before, after = plural(side.before, "row"), plural(side.after, "row")
        zeros = (
            f"Padding adds {before} of zeros above and {after} below, and as many columns on the "
            "left and right. "
        )
    negative = ", where a negative number means padding" if min(top, left) < 0 else ""
    return (
        f"{zeros}The window for output row {place[0]}, column {place[1]} begins at row "
        f"{spatial.number(top)}, column {spatial.number(left)} of the image{negative}. "
    )


def _lost(side: Sliding) -> str:
    """Return which cells no window reads, and how unevenly the others are read."""
    unread = [str(at) for at in side.unread]
    if unread:
        if len(unread) > NAMED:
            unread[NAMED - 1 :] = [f"{len(unread) - NAMED + 1} more"]
        lines = f"Rows and columns {', '.join(unread[:-1])} and {unread[-1]}"
        if len(unread) == 1:
            lines = f"Row {unread[0]} and column {unread[0]}"
        pixels = side.n**2 - (side.n - len(side.unread)) ** 2
        return (
            f"**{lines} are never read:** {pixels} of {side.n**2} pixels "
            f"({100 * pixels / side.n**2:.0f}\u00a0%) have no effect."
        )
    reads = side.reads[side.before : side.before + side.n]
    least, most = (
        "once" if times == 1 else f"{times} times"
        for times in (int(reads.min()) ** 2, int(reads.max()) ** 2)
    )
    if least == most:
        return f"Every pixel is read {most}."
    return f"Every pixel is read, but unequally often: between {least} and {most}."


IDEA = Idea(
    name="output-size",
    title="Padding, stride and output size",
    says="A window fits at only so many places, and each place gives one number of the output. "
    "So a 5\u00a0×\u00a05 image and a 3\u00a0×\u00a03 kernel make 3\u00a0×\u00a03. **Padding** "
    "puts zeros around the image, so more windows cover its edge. A **stride** above 1 skips "
    "places: the output is smaller and cheaper to compute.",
    formulas=(
        r"o = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1",
        r"\begin{aligned} \texttt{same}: \quad & o = \left\lceil \frac{n}{s} \right\rceil, \\ & "
        r"P = \max\bigl((o - 1)\,s + k - n,\; 0\bigr) \end{aligned}",
    ),
    symbols="$o$: output side; $n$: input side; $k$: kernel side; $s$: stride; $p$: zeros at "
    "each end, none for `valid`; $P$: zeros that `same` puts at both ends together, "
    r"$\lfloor P/2 \rfloor$ above and on the left, $\lceil P/2 \rceil$ below and on the "
    r"right. $\lfloor\;\rfloor$ rounds down, $\lceil\;\rceil$ up. With $s = 1$, `same` "
    "keeps the size; with $s = 2$ it halves it, rounded up. No $p$ gives an odd $P$. So "
    "for $n = 28$, $k = 3$, $s = 2$, both `same` and $p = 1$ (as in PyTorch) make 14, "
    "but from windows one pixel apart.",
    to_try="Take $n = 6$, $k = 3$, $s = 2$ with `valid`: the last row and column are never read. "
    "Then choose `same`: it adds one row and one column of zeros, at the end only. Which "
    "settings keep 28 × 28?",
    where=(
        Where("build", "Output sizes of your network, layer by layer"),
        Where("look", "The window on a digit", FEATURE_MAPS),
    ),
    show=show,
)
