"""All innocents: importing a family registers its own."""

from tests.innocents import flow, formats, functions, fused, gates, products, sums
from tests.innocents.innocent import INNOCENTS, Innocent

FAMILIES = (sums, fused, products, gates, functions, formats, flow)

__all__ = ["FAMILIES", "INNOCENTS", "Innocent"]
