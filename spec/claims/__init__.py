"""The claims, card by card. Importing this package fills the registry."""

from rnnspec.spec.claim import REGISTRY
from rnnspec.spec.claims import (
    accuracy as accuracy,
)
from rnnspec.spec.claims import (
    beyond as beyond,
)
from rnnspec.spec.claims import (
    bidirectional as bidirectional,
)
from rnnspec.spec.claims import (
    cell_state as cell_state,
)
from rnnspec.spec.claims import (
    comparison as comparison,
)
from rnnspec.spec.claims import (
    counting as counting,
)
from rnnspec.spec.claims import (
    deep as deep,
)
from rnnspec.spec.claims import (
    disadvantages as disadvantages,
)
from rnnspec.spec.claims import (
    findings as findings,
)
from rnnspec.spec.claims import (
    forget_step as forget_step,
)
from rnnspec.spec.claims import (
    gates as gates,
)
from rnnspec.spec.claims import (
    gru as gru,
)
from rnnspec.spec.claims import (
    gru_gates as gru_gates,
)
from rnnspec.spec.claims import (
    hidden_state as hidden_state,
)
from rnnspec.spec.claims import (
    layer_gradients as layer_gradients,
)
from rnnspec.spec.claims import (
    layer_lengths as layer_lengths,
)
from rnnspec.spec.claims import (
    layer_numbers as layer_numbers,
)
from rnnspec.spec.claims import (
    layer_rows as layer_rows,
)
from rnnspec.spec.claims import (
    layer_states as layer_states,
)
from rnnspec.spec.claims import (
    layer_ways as layer_ways,
)
from rnnspec.spec.claims import (
    own_parameters as own_parameters,
)
from rnnspec.spec.claims import (
    simple_unit as simple_unit,
)
from rnnspec.spec.claims import (
    units as units,
)

ORDER = """
    rnn.step rnn.additive lstm.gated lstm.own-parameters lstm.trained
    lstm.three-gates lstm.forget-gate lstm.input-gate lstm.output-gate
    lstm.units lstm.input-size
    lstm.forget-step
    lstm.cell-state lstm.elementwise
    lstm.hidden-state lstm.hidden-range
    gru.step gru.two-gates gru.reset-gate gru.update-gate gru.bounded lstm.counts
    compare.gates compare.states compare.parameters compare.computation
    compare.simple-task compare.complex-task
    deep.stacked deep.hierarchy deep.parameters deep.timescales deep.more-data
    bi.two-passes bi.future-context rnn.causal bi.amazon
    apply.ner apply.pos-tagging apply.sentiment apply.translation apply.forecasting
    bi.parameters bi.overfits bi.latency
    beyond.projection beyond.peepholes beyond.coupled-gates beyond.clipped-sums beyond.clipped-cell
    beyond.relu beyond.dropout-off
    layer.options layer.batch layer.split layer.padding layer.nan
    layer.final-state layer.initial-state layer.units layer.repeatable layer.paths layer.dtype
    layer.layout layer.gradients layer.accuracy layer.empty
""".split()  # noqa: SIM905  a line a card
"""All labels, in the order of the cards; what may crash an implementation comes last."""

CLAIMS = {label: REGISTRY[label] for label in ORDER}
"""All claims by label."""

__all__ = ["CLAIMS", "ORDER"]
