"""What a claim is, and the registry of all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from rnnspec.reference.case import Case
from rnnspec.reference.implementation import Implementation
from rnnspec.reference.network import BLOCKS, EXTRAS, InvalidCase, Network, plural
from rnnspec.spec.contrast import INFORMATIVE, Broken, Contrast
from rnnspec.spec.strategies import Offer, Sizes
from rnnspec.spec.trial import Enough, Trial, WrongAnswer

Kind = Literal["law", "count", "finding"]
Check = Callable[[Trial, Case], None]


OTHER = ("path", "layout")
"""The ways of which every layer may have some beside its ordinary one, by kind."""


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
    extra: str = ""
    """What the networks that it speaks of have beyond the cards, if anything: a key of EXTRAS. They
    may have more of that kind beside it."""
    fewer: int = 1
    """By what the number of examples that a profile asks for is divided."""

    @property
    def under(self) -> str:
        """The card by its number, ``all`` cards, or ``none``."""
        if self.card is not None:
            return str(self.card)
        return "none" if self.id.startswith("beyond.") else "all"

    @property
    def where(self) -> str:
        """``card 5``, ``under every card``, or ``beyond the cards``."""
        words = {"all": "under every card", "none": "beyond the cards"}
        return words.get(self.under, f"card {self.under}")

    def offers(self, implementation: Implementation) -> list[Offer] | str:
        """The kinds of networks that it is tried on, or why there are none."""
        wanted = self.sizes.ways
        ways = tuple(name for name, kind in implementation.ways.items() if kind == wanted)
        beside = f"{implementation.name} does not offer it, and no card asks for it"
        if wanted and not ways:
            return f"{implementation.name} offers no other {wanted}" if wanted in OTHER else beside
        palette = tuple(implementation.palette)
        reasons, others = [], []
        offered = []
        for cell in self.about["cell"]:
            conventions = implementation.conventions.get(cell)
            if conventions is None:
                others.append(f"{implementation.name} offers no {cell.upper()}")
                continue
            if self.extra and self.extra not in conventions.extras:
                others.insert(0, beside)
            for network in conventions.networks(cell, self.extra):
                lengths = network.direction in conventions.past_end
                reason = self._excludes(network, lengths) or implementation.offers(network)
                reasons.append(f"{implementation.name}: {reason}")
                offered += [] if reason else [Offer(network, lengths, ways, palette)]
        return offered or (reasons or others)[0]

    def _excludes(self, network: Network, lengths: bool) -> str | None:
        least = self.sizes.layers[0]
        if network.layers < least:
            return f"it offers no {plural(least, 'layer')}, at most {network.layers}"
        if self.sizes.lengths == "must" and not lengths:
            return f"it offers no lengths with direction {network.direction!r}"
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
        if self.extra and self.extra not in network.extras:
            raise InvalidCase(f"{self.id} speaks of networks with {EXTRAS[self.extra]}")
        if network.extras and not self.extra:
            beyond = EXTRAS[network.extras[0]]
            raise InvalidCase(f"{self.id} speaks of networks without {beyond}")
        if case.lengths is not None and self.sizes.lengths == "never":
            raise InvalidCase(f"{self.id} speaks of cases with no lengths")
        if case.lengths is None and self.sizes.lengths == "must":
            raise InvalidCase(f"{self.id} speaks of cases with lengths")
        if bool(case.way) != bool(self.sizes.ways):
            wanted = f"another {self.sizes.ways}" if self.sizes.ways else "the ordinary way"
            raise InvalidCase(f"{self.id} speaks of {wanted}, and case.way is {case.way!r}")
        for name, size in (
            ("layers", network.layers),
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
            if case.aim.get(name) not in choices(case):
                wanted = ", ".join(choices(case))
                raise InvalidCase(f"{self.id} needs case.aim.{name}, one of {wanted}")

    def try_on(self, implementation: Implementation, case: Case) -> Trial:
        """Check the claim on one case. Whatever the implementation raises is raised."""
        trial = Trial(implementation)
        self.check(trial, case)
        return trial

    def informs(self, implementation: Implementation, case: Case) -> bool:
        """Whether the case would catch the claim's contrast, by more than two bounds."""
        trial = Trial(Broken(self.contrast, implementation.levels), enough=INFORMATIVE)
        try:
            self.check(trial, case)
        except (Enough, WrongAnswer):
            return True
        return False


def _not_checked(trial: Trial, case: Case) -> None:
    """An experiment decides."""
    raise TypeError("a finding is an experiment: there is nothing to check on one case")


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
    extra: str = "",
    fewer: int = 1,
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
            extra=extra,
            fewer=fewer,
        )
        if REGISTRY.setdefault(label, made) is not made:
            raise ValueError(f"two claims have the label {label}")
        return made

    return register


def finding(
    label: str,
    *,
    card: int,
    statement: str,
    seen: str,
    errata: tuple[Erratum, ...] = (),
    literature: tuple[str, ...] = (),
) -> Claim:
    """Register a claim that no case can decide."""
    register = claim(
        label,
        card=card,
        kind="finding",
        statement=statement,
        formula="",
        seen=seen,
        contrast=Contrast("an experiment decides"),
        about={"cell": tuple(BLOCKS)},
        errata=errata,
        literature=literature,
    )
    return register(_not_checked)
