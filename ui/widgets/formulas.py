"""Formulas of layers, with the numbers that make one value."""

from math import sqrt

import numpy as np
import streamlit as st

from mnist_core.insight import steps
from mnist_core.network.layers import Shape
from mnist_core.network.summary import Row
from ui.charts.activations import WORDS
from ui.charts.layers import KINDS

LARGEST_KERNEL = 3
"""The largest kernel whose products are written out; nobody reads more lines."""

FLIPPED = (
    "Textbooks write the convolution as $S(i,j) = \\sum_{m,n} I(m,n)\\,K(i-m, j-n)$, which "
    "flips the kernel. Keras, like nearly every library, does not flip it (strictly a "
    "cross-correlation). For learned kernels this makes no difference: training would find the "
    "mirrored ones."
)


def tex(number: float, decimals: int = 3) -> str:
    """Return a number as a factor or term in LaTeX: a negative one in brackets."""
    words = f"{number:.{decimals}f}"
    return f"({words})" if words.startswith("-") else words


def line(step: steps.Step, place: Shape) -> str:
    """Return the last steps to the value at one place, in LaTeX."""
    match step:
        case steps.ConvolutionStep() | steps.DenseStep():
            return _activated(_sum(step.z, step.bias), step.activation, step)
        case steps.PoolStep(winner=None):
            inside = int(step.window.inside.sum())
            total = float(np.nansum(step.values))
            return rf"\text{{mean}} = {tex(total)} / {inside} = {step.value:.3f}"
        case steps.PoolStep():
            return rf"\max(\text{{window}}) = {step.value:.3f}"
        case steps.SoftmaxStep():
            z, bias = step.dense.z, step.dense.bias
            share = rf"\frac{{e^{{{z:.3f}}}}}{{\sum_k e^{{z_k}}}}"
            return _lines(_sum(z, bias), rf"p_{{{place[0]}}} = {share} = {step.value:.4f}")
        case steps.NormalizationStep():
            hat = (step.x - step.mean) / sqrt(step.variance + steps.EPSILON)
            return _lines(
                rf"\hat{{x}} = ({step.x:.3f} - {tex(step.mean)}) / "
                rf"\sqrt{{{step.variance:.3f} + 0.001}}",
                f"= {hat:.3f}",
                rf"y = {tex(step.gamma)} \cdot {tex(hat)} + {tex(step.beta)} = {step.value:.3f}",
            )
        case steps.SlopeStep(x=x, slope=slope) if x < 0:
            return rf"y = {tex(slope)} \cdot {tex(x)} = {step.value:.3f}"
        case steps.SlopeStep(x=x):
            return rf"y = x = {x:.3f}"
        case steps.SumStep(x=x, shortcut=shortcut):
            return rf"y = {x:.3f} + {tex(shortcut)} = {step.value:.3f}"
        case steps.FromStep(activation="linear"):
            return rf"x = {step.value:.3f}"
        case steps.FromStep():
            return _activated(rf"z = {step.x:.3f}", step.activation, step)


def _sum(z: float, bias: float | None) -> str:
    return f"z = {z:.3f}" if bias is None else f"z = {z - bias:.3f} + {tex(bias)} = {z:.3f}"


def _activated(start: str, name: str, step: steps.Step) -> str:
    if name == "linear":
        return start
    words = name.replace("_", r"\_")
    return _lines(start, rf"\mathrm{{{words}}}(z) = {step.value:.3f}")


def _lines(*lines: str) -> str:
    """Return equations below one another, since a phone has no room for two in a line."""
    aligned = r" \\ ".join(text.replace("=", "&=", 1) for text in lines)
    return rf"\begin{{aligned}} {aligned} \end{{aligned}}"


def explain(row: Row, step: steps.Step, place: Shape, inputs: Shape) -> None:
    """Draw the formula of the layer with its explanation, in the current container."""
    match step:
        case steps.SoftmaxStep():
            _softmax(step)
            return
        case steps.ConvolutionStep():
            _convolution(step, place)
        case steps.FromStep() if row.type == "Flatten":
            _flatten(place, inputs)
    kind = KINDS.get(row.type)
    if kind and kind.formula:
        st.latex(kind.formula)
        st.markdown(kind.formula_words)
    _activation(row.activation)


def _flatten(place: Shape, inputs: Shape) -> None:
    """Explain where one value of a vector comes from."""
    if len(inputs) < 3:
        st.markdown("The input is already one row, so nothing changes.")
        return
    h, w, c = np.unravel_index(place[0], inputs)
    st.latex(rf"{place[0]} = ({h} \cdot {inputs[1]} + {w}) \cdot {inputs[2]} + {c}")
    st.markdown(
        f"Value {place[0]} comes from row {h}, column {w}, channel {c} of the input. Rows come "
        "first, then columns, then channels."
    )


def _activation(name: str) -> None:
    if name not in ("", "linear"):
        st.latex(rf"f(z) = {WORDS[name].formula}")
        st.markdown(WORDS[name].about)


def _convolution(step: steps.ConvolutionStep, place: Shape) -> None:
    i, j = step.window.top, step.window.left
    negative = ", where a negative number lies in the padding" if min(i, j) < 0 else ""
    start = "" if step.bias is None else "b + "
    if step.channel is None:  # a depthwise one reads a single channel
        start += r"\sum_c "
    st.latex(  # in two lines, for a phone
        rf"\begin{{aligned}} S(i,j) = {{}} & {start}\sum_{{m,n=0}}^{{k-1}} K_c(m,n) \\[-1ex] "
        r"& \cdot I_c(i s - p + m,\; j s - p + n) \end{aligned}"
    )
    sums, size = step.channel_sums, len(step.kernel)
    if len(sums) == 1 and size <= LARGEST_KERNEL:
        lines = [
            " + ".join(
                rf"{tex(x, 2)} \cdot {tex(w, 2)}" for x, w in zip(window, kernel, strict=True)
            )
            for window, kernel in zip(step.window.values[..., 0], step.kernel[..., 0], strict=True)
        ]
    else:
        strongest = np.argsort(-np.abs(sums), kind="stable")[:3]
        rest = float(sums.sum() - sums[strongest].sum())
        first = step.channel or 0
        lines = [rf"{tex(float(sums[c]))}_{{\,\text{{channel {first + c}}}}}" for c in strongest]
        if len(sums) > 3:
            lines.append(rf"{tex(rest)}_{{\,\text{{the others}}}}")
    if step.bias is not None:
        lines.insert(0, rf"{tex(step.bias)}_{{\,\text{{bias}}}}")
    body = r" \\ &+ ".join(lines)
    st.latex(
        rf"\begin{{aligned}} S({place[0]},{place[1]}) = {{}} & {body} \\ "
        rf"&= {step.z:.3f} \end{{aligned}}"
    )
    st.markdown(
        f"$k = {size}$ is the side of the kernel, $s = {step.window.strides}$ the stride, and $p$ "
        "the number of zeros that `same` padding puts above and to the left (here "
        f"$p = {step.window.zeros[0]}$; `valid` has none). So the window begins at row ${i}$, "
        f"column ${j}$ of the input{negative}. Rows and columns are counted from 0."
    )
    if step.bias is None:
        st.markdown(
            "This convolution has no bias, since the batch normalization after it would cancel it."
        )
    st.markdown(FLIPPED)


def _softmax(step: steps.SoftmaxStep) -> None:
    st.latex(r"p_j = \frac{e^{z_j}}{\sum_{k=0}^{9} e^{z_k}}")
    powers = np.exp(step.logits - step.logits.max())
    st.markdown(
        f"The largest logit, {step.logits.max():.3f}, is subtracted from all ten first. This "
        "changes no probability, but keeps $e^z$ from growing too large for a computer. The "
        f"sum is then {powers.sum():.4f}."
    )
