"""All mutants: importing a family registers its own."""

from tests.mutants import calls, flow, gru, lstm, numbers, weights
from tests.mutants.mutant import MUTANTS, Mutant

FAMILIES = (lstm, gru, weights, flow, numbers, calls)

__all__ = ["FAMILIES", "MUTANTS", "Mutant"]
