"""The claims, card by card. Importing this package fills the registry in the cards' order."""

from rnnspec.spec.claims import (  # noqa: I001  the order is the cards'
    simple_unit as simple_unit,
    own_parameters as own_parameters,
    gates as gates,
    units as units,
    forget_step as forget_step,
    cell_state as cell_state,
    hidden_state as hidden_state,
    gru as gru,
    accuracy as accuracy,
)
from rnnspec.spec.claim import REGISTRY as CLAIMS

__all__ = ["CLAIMS"]
