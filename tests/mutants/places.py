"""Why a claim has its place that is never the only one to find something.

Most are sentences of the cards, and follow from the equations: what breaks them breaks `rnn.step`,
`gru.step`, `lstm.cell-state` or `lstm.hidden-state`, too. Those compare a layer with the reference,
though, and are blind where the reference is wrong in the same way.
"""

from __future__ import annotations

ALIKE = "Needs no reference: it finds what layer and reference do wrong alike."
COUNTED = (
    "Counts are few, and one wrong number breaks several: it says which sentence of the cards."
)
SPOKEN = (
    "A sentence of the cards that follows from the equations: it says so in the card's own words."
)

PLACES: dict[str, str] = {
    **dict.fromkeys(
        (
            "rnn.additive",
            "lstm.gated",
            "lstm.own-parameters",
            "lstm.forget-gate",
            "lstm.input-gate",
            "lstm.output-gate",
            "lstm.forget-step",
            "lstm.hidden-range",
            "lstm.counts",
            "gru.reset-gate",
            "gru.update-gate",
            "gru.bounded",
            "deep.hierarchy",
            "bi.future-context",
            "bi.amazon",
            "bi.latency",
            "layer.units",
            "layer.batch",
        ),
        ALIKE,
    ),
    **dict.fromkeys(
        (
            "lstm.three-gates",
            "gru.two-gates",
            "compare.gates",
            "compare.parameters",
            "deep.parameters",
            "bi.parameters",
            "lstm.input-size",
        ),
        COUNTED,
    ),
    **dict.fromkeys(("lstm.units", "lstm.elementwise", "compare.states", "rnn.causal"), SPOKEN),
    "compare.computation": (
        "Speaks of the equations, and of no layer: what it counts it counts on the reference."
    ),
    "lstm.trained": "After a step of training; the gradients by themselves are `layer.gradients`.",
}
"""A sentence a claim."""
