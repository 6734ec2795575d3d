"""Ranges of versions, by package, in the form of PEP 440: ``{torch = ">=2.4,<3"}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from rnnspec.reference.encoding import Malformed

Ranges = Mapping[str, SpecifierSet]


def ranges(table: Mapping[str, Any], place: str) -> Ranges:
    """The ranges under ``versions`` in a table of a file. Raises Malformed."""
    where = f"{place}.versions"
    if "versions" not in table:
        raise Malformed(f"{place} has no 'versions'")
    given = table["versions"]
    if not isinstance(given, dict) or not given:
        raise Malformed(f"{where} must be a table of packages, as in {{ torch = '>=2.4,<3' }}")
    found = {}
    for package, text in given.items():
        try:
            found[package] = SpecifierSet(text if isinstance(text, str) else "no text")
        except InvalidSpecifier:
            raise Malformed(
                f"{where}.{package} is {text!r}: it must be a range of versions, as '>=2.4,<3'"
            ) from None
        if not len(found[package]) or not _met(found[package]):
            what = "every version" if not len(found[package]) else "no version"
            raise Malformed(f"{where}.{package} is {text!r}, which {what} meets")
    return found


def overlap(one: Ranges, other: Ranges) -> bool:
    """Whether some versions of all packages meet both."""
    a, b = (
        {canonicalize_name(package): wanted for package, wanted in each.items()}
        for each in (one, other)
    )
    return all(_met(a[package] & b[package]) for package in a.keys() & b.keys())


def unmet(wanted: Ranges, versions: Mapping[str, str]) -> str:
    """Why the versions of what is under test are out of range; nothing where they are in it."""
    known = {canonicalize_name(package): number for package, number in versions.items()}
    for package, each in wanted.items():
        number = known.get(canonicalize_name(package))
        if number is None:
            return f"the version of {package} is not known"
        try:
            # a release candidate has what the release has
            met = each.contains(Version(number), prereleases=True)
        except InvalidVersion:
            return f"{package} {number} is no version that could be compared with {each}"
        if not met:
            return f"{package} is {number}, not {each}"
    return ""


def _met(wanted: SpecifierSet) -> bool:
    """Whether any version meets a range: if any does, so does one at or just past its ends."""
    ends = [Version("0.dev0"), Version("0")]
    for each in wanted:
        try:
            ends.append(Version(each.version.removesuffix(".*")))
        except InvalidVersion:  # only === takes what is no version
            return True
    near = [end for version in ends for end in (version, *_past(version))]
    return any(wanted.contains(version, prereleases=True) for version in near)


def _past(version: Version) -> list[Version]:
    """Just past a version; and just past all that begin with it."""
    epoch, release = version.epoch, version.release
    numbers = (
        (*release, 0, 1),
        (*release[:-1], release[-1] + 1),
        (*release[:-1], release[-1] + 1, 1),
    )
    return [Version(f"{epoch}!{'.'.join(map(str, number))}") for number in numbers]
