"""All innocents: importing a family registers its own."""

from tests.innocents import beyond, flow, formats, functions, fused, gates, products, sums
from tests.innocents.innocent import INNOCENTS, Innocent

FAMILIES = (sums, fused, products, gates, functions, formats, flow, beyond)

__all__ = ["FAMILIES", "INNOCENTS", "Innocent"]
