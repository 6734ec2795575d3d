"""Claims in documents that Sphinx builds: ``extensions = ["rnnspec.sphinx"]``.

The role ``claim`` cites one by its label, the directive ``claim`` shows it: what it says, its
formula, and how it is seen from outside. Both lead to the specification's site where
``intersphinx_mapping`` names it; a label that no claim has is a warning. Without this extension, a
claim is cited by the inventory alone: ``{external+rnnspec:ref}`claim-lstm-cell-state```.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.roles import XRefRole
from sphinx.util.docutils import SphinxDirective

from rnnspec.pages import told
from rnnspec.spec.claim import Claim
from rnnspec.spec.claims import CLAIMS
from rnnspec.typeset import latex


def anchor(claim: Claim) -> str:
    """The label of a claim on the site: ``claim-lstm-cell-state``."""
    return f"claim-{claim.id.replace('.', '-')}"


def cited(claim: Claim) -> addnodes.pending_xref:
    """A reference to a claim, by its label."""
    where = {"refdomain": "std", "reftype": "claim", "reftarget": claim.id, "refwarn": True}
    return addnodes.pending_xref("", nodes.literal(text=claim.id), refexplicit=False, **where)


def said(claim: Claim) -> Iterator[nodes.Node]:
    """What a claim says, and its formula."""
    yield nodes.paragraph(
        "", "", nodes.emphasis(text=f"{claim.kind.capitalize()}. "), nodes.Text(claim.statement)
    )
    if claim.formula:
        yield nodes.math_block(
            claim.formula, latex(claim.formula), nowrap=False, number=None, label=None
        )


def seen(claim: Claim) -> nodes.definition_list:
    """Of which networks it speaks, and how it is seen from outside."""
    return definitions((title, [nodes.paragraph(text=text)]) for title, text in told(claim))


def definitions(items: Any) -> nodes.definition_list:
    """Titles, and what stands below each."""
    listed = nodes.definition_list(classes=["claim-parts"])
    for title, below in items:
        term, definition = nodes.term(text=title), nodes.definition("", *below)
        listed += nodes.definition_list_item("", term, definition)
    return listed


class Cited(XRefRole):
    """The role: ``{claim}`lstm.cell-state```."""

    def __init__(self) -> None:
        super().__init__(innernodeclass=nodes.literal, warn_dangling=True)


class Shown(SphinxDirective):
    """The directive: a claim, in a box."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """A box that leads to the site; an error where there is no such claim."""
        claim = CLAIMS.get(self.arguments[0])
        if claim is None:
            raise self.error(f"no claim has the label {self.arguments[0]!r}")
        title = nodes.title("", "", cited(claim), nodes.Text(f", {claim.where}"))
        return [nodes.admonition("", title, *said(claim), seen(claim), classes=["rnnspec-claim"])]


def _known(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, text: nodes.Element
) -> nodes.Element | None:
    """A claim that no inventory leads to is text; what is no claim stays unknown, and is told."""
    return text if node.get("reftype") == "claim" and node["reftarget"] in CLAIMS else None


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls."""
    app.add_object_type("claim", "claim", objname="claim")
    app.add_role_to_domain("std", "claim", Cited(), override=True)
    app.add_directive_to_domain("std", "claim", Shown, override=True)
    app.connect("missing-reference", _known, priority=900)  # after every inventory
    return {
        "version": version("rnnspec"),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
