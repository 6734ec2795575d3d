"""What a claim is, and the registry of all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from rnnspec.reference.case import Case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import InvalidCase, Network, plural
from rnnspec.spec.contrast import INFORMATIVE, Broken, Contrast
from rnnspec.spec.strategies import Sizes
from rnnspec.spec.trial import Trial, WrongAnswer

Kind = Literal["law", "count", "finding"]
Check = Callable[[Trial, Case], None]


@dataclass(frozen=True)
class Erratum:
    """Where a card is imprecise."""

    card: str
    """What it says, in our words."""
    stops: str
    """Where that stops being true."""
    smallest: str
    """The smallest counterexample."""


@dataclass(frozen=True)
class Claim:
    """One sentence of a card, made precise and executable."""

    id: str
    """The label: the same everywhere, and its meaning never changes."""
    card: int | None
    """The flashcard that says it; None for the laws under every card."""
    kind: Kind
    """``law`` (for every input), ``count`` (exact whole numbers) or ``finding`` (on average)."""
    statement: str
    formula: str
    seen: str
    """How it is seen from outside."""
    about: Mapping[str, tuple[str, ...]]
    """The networks that it speaks of: fields of Network, and their values; ``cell`` and
    ``direction`` among them."""
    sizes: Sizes
    contrast: Contrast
    check: Check
    errata: tuple[Erratum, ...] = ()
    literature: tuple[str, ...] = ()

    def networks(self, implementation: Implementation) -> list[Network] | str:
        """The kinds of networks that it is tried on, or why there are none."""
        reasons = []
        offered = []
        for cell in self.about["cell"]:
            conventions = implementation.conventions.get(cell)
            if conventions is None:
                reasons.append(f"{implementation.name} offers no {cell.upper()}")
                continue
            for network in conventions.networks(cell):
                reason = self._excludes(network) or implementation.offers(network)
                reasons.append(f"{implementation.name}: {reason}")
                offered += [] if reason else [network]
        return offered or reasons[0]

    def _excludes(self, network: Network) -> str | None:
        for name, values in self.about.items():
            value = getattr(network, name)
            if value not in values:
                wanted = ", ".join(values)
                return f"it offers only {name} {value!r} where the claim speaks of {wanted}"
        return None

    def speaks_of(self, case: Case) -> None:
        """Raises InvalidCase, in a sentence, where a case is none of this claim's."""
        network = case.network
        for name, allowed in self.about.items():
            if getattr(network, name) not in allowed:
                wanted = ", ".join(allowed)
                raise InvalidCase(
                    f"{self.id} speaks of networks with {name} {wanted}, not "
                    f"{getattr(network, name)!r}"
                )
        if network.layers != 1 or case.lengths is not None:
            raise InvalidCase(f"{self.id} speaks of one layer, with no lengths")
        for name, size in (
            ("steps", case.steps),
            ("rows", case.rows),
            ("inputs", network.inputs),
            ("units", network.units),
        ):
            least, most = getattr(self.sizes, name)
            if size < least or (most == 1 and size > 1):
                exactly = "exactly" if most == 1 else "at least"
                raise InvalidCase(f"{self.id} speaks of {exactly} {plural(least, name[:-1])}")
        for name in sorted(case.aim.keys() - self.sizes.aim.keys()):
            raise InvalidCase(f"{self.id} is not aimed at any {name!r}")
        for name, choices in self.sizes.aim.items():
            if case.aim.get(name) not in choices(network):
                wanted = ", ".join(choices(network))
                raise InvalidCase(f"{self.id} needs case.aim.{name}, one of {wanted}")

    def try_on(self, implementation: Implementation, case: Case) -> Trial:
        """Check the claim on one case. Whatever the implementation raises is raised."""
        trial = Trial(implementation)
        self.check(trial, case)
        return trial

    def informs(self, implementation: Implementation, case: Case) -> bool:
        """Whether the case would catch the claim's contrast, by more than two bounds."""
        broken = Broken(self.contrast, implementation.levels)
        try:
            return self.try_on(broken, case).ratio > INFORMATIVE
        except WrongAnswer:
            return True


REGISTRY: dict[str, Claim] = {}
"""All claims by label, in the order of the cards."""


def claim(
    label: str,
    *,
    card: int | None,
    kind: Kind = "law",
    statement: str,
    formula: str,
    seen: str,
    contrast: Contrast,
    about: Mapping[str, tuple[str, ...]],
    sizes: Sizes | None = None,
    errata: tuple[Erratum, ...] = (),
    literature: tuple[str, ...] = (),
) -> Callable[[Check], Claim]:
    """Make a check a claim, and register it under its label."""

    def register(check: Check) -> Claim:
        networks = {"direction": ("forward",), **about}
        made = Claim(
            id=label,
            card=card,
            kind=kind,
            statement=statement,
            formula=formula,
            seen=seen,
            about=networks,
            sizes=sizes or Sizes(),
            contrast=contrast,
            check=check,
            errata=errata,
            literature=literature,
        )
        if REGISTRY.setdefault(label, made) is not made:
            raise ValueError(f"two claims have the label {label}")
        return made

    return register
