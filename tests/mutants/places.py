"""Why a claim has its place that is never the only one to find something.

What breaks a sentence of the cards mostly breaks the equations, too, and is found by those that
compare a layer with the reference. These are blind where the reference is wrong in the same way,
and they say that a number is off, not what is wrong.
"""

from __future__ import annotations

ALIKE = "Needs no reference: it finds what layer and reference do wrong alike."
EQUATION = (
    "The card's own formula, over all sizes of one layer: with it a defect is smallest to read."
)
STACKED = "The equations of several layers or directions; those of one layer cannot see them."
COUNTED = "A wrong count breaks several of these: each says which sentence of the cards is wrong."
ONE_THING = "Aimed at one thing, and says which: the equations say only that a number is off."
SPOKEN = "A sentence of the cards that follows from the equations, seen as the card says it."

PLACES: dict[str, str] = {
    label: why
    for why, labels in {
        ALIKE: """
            rnn.additive lstm.gated lstm.own-parameters lstm.forget-gate lstm.input-gate
            lstm.output-gate lstm.forget-step lstm.hidden-range lstm.counts gru.reset-gate
            gru.update-gate gru.bounded deep.hierarchy bi.future-context bi.amazon bi.latency
        """,
        EQUATION: "rnn.step lstm.cell-state lstm.hidden-state gru.step",
        STACKED: "deep.stacked bi.two-passes",
        COUNTED: """
            lstm.three-gates gru.two-gates compare.gates compare.parameters deep.parameters
            bi.parameters
        """,
        ONE_THING: """
            layer.options layer.batch layer.split layer.final-state layer.initial-state layer.units
            layer.repeatable layer.dtype beyond.relu
        """,
        SPOKEN: "lstm.units lstm.input-size lstm.elementwise compare.states rnn.causal",
        "Speaks of the equations: what it counts, it counts on the reference.": (
            "compare.computation"
        ),
        "After a step of training; the gradients by themselves are `layer.gradients`.": (
            "lstm.trained"
        ),
        "Tells a poor function from a wrong equation; all others are judged with what it finds.": (
            "layer.accuracy"
        ),
        "Nothing else is called without steps or rows.": "layer.empty",
    }.items()
    for label in labels.split()
}
"""A sentence a claim."""
