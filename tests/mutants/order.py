"""Gates in another order."""

from __future__ import annotations

from tests.mutants.flow import told


def ordered(name: str, what: str, report: str = "", **places: str) -> None:
    """Parameters stand in the place of others: one family, all permutations of it."""
    cell = name.split("-")[0]
    told(
        f"order.{name}",
        what,
        lambda case: case.with_blocks(places) if case.network.cell == cell else case,
        report,
    )


ordered(
    "lstm-forget-input",
    "input, forget, candidate, output read as forget, input, ...",
    "NX-AI/xlstm#95",
    forget="input",
    input="forget",
)
ordered(
    "lstm-candidate-output",
    "i, f, g, o read as i, f, o, g",
    "apple/coremltools#93",
    candidate="output",
    output="candidate",
)
ordered("lstm-input-output", "input and output gate exchanged", input="output", output="input")
ordered(
    "lstm-cycle",
    "all four moved on by one",
    forget="input",
    input="candidate",
    candidate="output",
    output="forget",
)
ordered(
    "lstm-iofc",
    "i, o, f, c read as i, f, c, o",
    "CrispStrobe/CrispASR#106",
    forget="output",
    candidate="forget",
    output="candidate",
)
ordered(
    "gru-reset-update",
    "reset and update exchanged",
    reset="update",
    update="reset",
)
ordered(
    "gru-update-candidate",
    "update and candidate exchanged",
    update="candidate",
    candidate="update",
)
ordered(
    "gru-reset-candidate", "reset and candidate exchanged", reset="candidate", candidate="reset"
)
