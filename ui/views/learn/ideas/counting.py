"""The idea Counting parameters: a quiz on random networks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.network.notation import write
from mnist_core.teaching.concepts import common_mistakes, quiz
from mnist_core.teaching.concepts.quiz import Question
from mnist_core.utils.text import format_shape
from ui.session import navigation, state
from ui.views.learn.ideas.idea import Idea, Where

_LEVEL, _NUMBER = "idea_counting_level", "idea_counting_number"
_SCORE, _STAGE = "idea_counting_score", "idea_counting_stage"
CHECKED, SOLVED, SHOWN = "checked", "solved", "shown"
TOTAL, TRAINABLE = "total", "trainable"
MOST_ROWS = 20  # Keras layers of the largest network in the quiz
LEVELS = {
    "easy": "One convolution; the shapes are given, and layers that learn nothing are asked too.",
    "medium": "Two convolutions with pooling; work out the shapes yourself.",
    "hard": "Three convolutions with padding, strides and batch normalization.",
}


@st.fragment
def show() -> None:
    state.setdefault(_NUMBER, 1)
    left, middle, right = st.columns([2, 1, 1], gap="medium", vertical_alignment="bottom")
    level = left.segmented_control(
        "Difficulty", list(LEVELS), default="easy", required=True, format_func=str.capitalize,
        key=_LEVEL, on_change=clear, persist_state="session",
    )  # fmt: skip
    number = middle.number_input(
        "Question number", 1, 9999, key=_NUMBER, on_change=clear, persist_state="session",
        help="The same level and number give the same network to everyone: a class can count it "
        "together.",
    )  # fmt: skip
    right.button("New question", icon=":material/casino:", on_click=another, width="stretch")
    question = quiz.ask(level, number)
    st.caption(LEVELS[level])
    notation = write(question.network)
    st.markdown(f"An image of 28 × 28 × 1 goes through `{notation}`, then the output layer:")
    _ask(question)
    _verdict(question)
    st.page_link(
        navigation.path("build"), label="Open this network in Build", icon=":material/layers:",
        query_params={"network": notation},
    )  # fmt: skip


def clear() -> None:
    """Empty the boxes for another question."""
    state.put(_STAGE, None)
    for at in (*range(MOST_ROWS), TOTAL, TRAINABLE):
        state.put(_box(at), None)


def another() -> None:
    """Choose a question other than the present one."""
    numbers = Random()
    while (number := numbers.randint(1, 9999)) == state.get(_NUMBER, 1):
        continue
    state.put(_NUMBER, number)
    clear()


def _box(at: int | str) -> str:
    return state.key("idea_counting_box", at)


@dataclass(frozen=True)
class Box:
    """A number that the quiz asks for. at: the row's position, or TOTAL or TRAINABLE.

    why: returns the likely reason for a wrong number.
    """

    at: int | str
    title: str
    right: int
    why: Callable[[int], str]

    @property
    def answer(self) -> int | None:
        return state.get(_box(self.at), None)


def boxes(question: Question) -> list[Box]:
    """Return all numbers to ask for: each layer, the total, and the trainable ones if fewer."""
    whole = question.summary
    made = [
        Box(
            at,
            f"{at + 1}. {row.type}",
            row.parameters,
            partial(common_mistakes.hint, question, row),
        )
        for at, row in enumerate(whole.rows)
        if row in question.asked
    ]
    answers = [box.answer or 0 for box in made]
    made.append(
        Box(
            TOTAL, "Total", whole.parameters, partial(common_mistakes.hint_total, question, answers)
        )
    )
    if whole.non_trainable:
        why = partial(common_mistakes.hint_trainable, question)
        made.append(Box(TRAINABLE, "Trainable", whole.trainable, why))
    return made


def _ask(question: Question) -> None:
    """Draw the layers with a box for each number; all answers are checked together."""
    rows = question.summary.rows
    with st.form("idea_counting_form"):
        left, right = st.columns(2, gap="medium")
        for at, row in enumerate(rows):
            column = left if at < (len(rows) + 1) // 2 else right
            title = rf"{at + 1}\. **{row.type}** {quiz.words(row, question)}".strip()
            if question.level == "easy":
                title += f" → {format_shape(row.output_shape)}"
            if row in question.asked:
                _number(column, title, at)
            else:
                column.markdown(f"{title}: 0, nothing to learn")
        _number(right, "**Total** of all layers, the output layer too", TOTAL)
        if question.summary.non_trainable:
            _number(right, "How many of them are **trainable**", TRAINABLE)
        with st.container(horizontal=True):
            st.form_submit_button("Check", type="primary", on_click=score, args=(question,))
            st.form_submit_button("Show the arithmetic", on_click=reveal, args=(question,))


def _number(column: DeltaGenerator, title: str, at: int | str) -> None:
    column.number_input(
        title, 0, 10_000_000, None, 1, key=_box(at), placeholder="How many parameters?",
        persist_state="session",
    )  # fmt: skip


def score(question: Question) -> None:
    """Count a question that is answered right; a wrong answer resets the streak."""
    if state.get(_STAGE) not in (SOLVED, SHOWN):
        asked = boxes(question)
        solved, in_a_row = state.get(_SCORE, (0, 0))
        if all(box.answer == box.right for box in asked):
            state.put(_STAGE, SOLVED)
            state.put(_SCORE, (solved + 1, in_a_row + 1))
            return
        state.put(_STAGE, CHECKED)
        if any(box.answer not in (None, box.right) for box in asked):
            state.put(_SCORE, (solved, 0))


def reveal(question: Question) -> None:
    """Show the arithmetic; on an unsolved question this counts as giving up."""
    score(question)
    if state.get(_STAGE) == CHECKED:
        state.put(_STAGE, SHOWN)
        state.put(_SCORE, (state.get(_SCORE, (0, 0))[0], 0))


def _verdict(question: Question) -> None:
    """Draw which answers are right or wrong and why, and the arithmetic after the question."""
    stage = state.get(_STAGE)
    solved, in_a_row = state.get(_SCORE, (0, 0))
    st.markdown(f":material/trophy: **{solved} solved, {in_a_row} right in a row**")
    if not stage:
        return
    asked = boxes(question)
    if stage == SOLVED and all(box.answer == box.right for box in asked):
        st.success("All right. This is the arithmetic:", icon=":material/check_circle:")
    else:
        given = [(box, box.answer) for box in asked]
        st.markdown("\n".join(f"- {_judged(box, n)}" for box, n in given if n is not None))
        empty = [box.title for box, n in given if n is None]
        if empty and stage == CHECKED:
            st.markdown(
                f":material/help: Still empty: {', '.join(empty)}. Every box needs a number."
            )
    if stage in (SOLVED, SHOWN):
        _arithmetic(question)


def _judged(box: Box, answer: int) -> str:
    """Return the result of one answer as a line of Markdown."""
    if answer == box.right:
        return f":material/check: {box.title}: {box.right:,} is right."
    return f":material/close: {box.title}: {answer:,} is not it. {box.why(answer)}"


def _arithmetic(question: Question) -> None:
    """Draw the calculation of each count, and their sum."""
    whole = question.summary
    rows = [
        {
            "Layer": f"{at}. {row.type}",
            "Output": format_shape(row.output_shape),
            "Parameters": f"`{row.arithmetic}`",
        }
        for at, row in enumerate(whole.rows, 1)
    ]
    sums = " + ".join(f"{row.parameters:,}" for row in whole.rows if row.parameters)
    rows.append({"Layer": "Total", "Output": "", "Parameters": f"`{sums} = {whole.parameters:,}`"})
    if whole.non_trainable:
        less = f"{whole.parameters:,} - {whole.non_trainable:,} = {whole.trainable:,}"
        rows.append({"Layer": "Trainable", "Output": "", "Parameters": f"`{less}`"})
    st.table(
        pd.DataFrame(rows), border="horizontal", hide_index=True,
        alt=f"The parameters of each layer, {whole.parameters:,} in all",
    )  # fmt: skip


IDEA = Idea(
    name="counting",
    title="Counting parameters",
    says="A network's parameters are the numbers that training sets, and a pencil is enough to "
    "count them. Count those of this network, the output layer of 10 units included; the app "
    "checks them and says what may have gone wrong.",
    formulas=(
        r"\text{Conv2D: } k \cdot k \cdot C_{\text{in}} \cdot C_{\text{out}} + C_{\text{out}}",
        r"\text{Dense: } n_{\text{in}} \cdot n_{\text{out}} + n_{\text{out}}",
        r"\text{BatchNorm: } 4\, C \quad (2\, C \text{ trained})",
        r"o = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1",
    ),
    symbols=r"$k$: side of the kernel; $C_{\text{in}}$, $C_{\text{out}}$: channels in and out, "
    r"$C_{\text{out}}$ being the number of filters; $n_{\text{in}}$, $n_{\text{out}}$: values in "
    r"and units; $C$: normalized channels. Sizes: input side $n$, padding $p$ on each side, "
    r"stride $s$, output side $o$; `same` gives $o = \lceil n / s \rceil$. What follows the $+$ "
    "are the biases, which a convolution before batch normalization goes without here. Pooling, "
    "flatten, dropout and activations learn nothing.",
    to_try="Count note 5 for practice: 3·3·1·8 + 8 = 80, 3·3·8·16 + 16 = 1,168, "
    "5·5·16·64 + 64 = 25,664 and 64·10 + 10 = 650 make 27,562. Then try for three right in a row.",
    where=(Where("build", "See the counts of note 5", {"network": "C8 M C16 M F D64 Drop0.2"}),),
    show=show,
)
