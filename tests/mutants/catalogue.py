"""All mutants: importing a family registers its own."""

from importlib import import_module

from tests.mutants.mutant import MUTANTS, Mutant

FAMILIES = (
    *("lstm", "gates", "gru", "simple", "order", "weights", "biases"),
    *("states", "steps", "rows", "layers", "lengths"),
    *("formats", "numbers", "sizes", "calls", "ways", "gradients", "counts"),
    *("peepholes", "coupled", "clipping", "projection", "dropout"),
)
for _family in FAMILIES:
    import_module(f"tests.mutants.{_family}")

__all__ = ["FAMILIES", "MUTANTS", "Mutant"]
