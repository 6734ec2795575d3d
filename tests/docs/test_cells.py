"""The graph of a cell and its layout."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from docs.pictures.cell_crossings import covered, crossings, junctions, overlapping
from docs.pictures.cell_graph import CellGraph, Part, cell_graph
from docs.pictures.cell_layout import laid_out
from docs.pictures.cell_plan import HALF, Layout
from docs.pictures.tracing import ancestors
from rnnspec.reference.network import Network, Place

LSTM = Network("lstm", 1, 1)
CELLS = {
    "rnn": Network("rnn", 1, 1),
    "lstm": LSTM,
    "peepholes": replace(LSTM, peepholes=True),
    "coupled": replace(LSTM, coupled=True),
    "gru-before": Network("gru", 1, 1, reset="before"),
    "gru-after": Network("gru", 1, 1),
}
LINES = {
    "rnn": ["hidden", "hidden state"],
    "lstm": ["cell", "×", "+"],
    "peepholes": ["cell", "×", "+"],
    "coupled": ["cell", "×", "+"],
    "gru-before": ["hidden", "×", "+"],
    "gru-after": ["hidden", "×", "+"],
}
JUNCTIONS = {"rnn": 0, "lstm": 5, "peepholes": 8, "coupled": 5, "gru-before": 6, "gru-after": 6}
CROSSINGS = {"rnn": 0, "lstm": 0, "peepholes": 1, "coupled": 0, "gru-before": 2, "gru-after": 1}


@pytest.fixture(params=CELLS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def layout(name: str) -> Layout:
    return laid_out(cell_graph(CELLS[name]))


def called(part: Part) -> str:
    return part.name or part.label


def reads(graph: CellGraph, name: str) -> list[str]:
    (part,) = (each for each in graph.parts if each.name == name)
    return [called(each) for each in part.reads]


def test_the_parts_of_an_lstm() -> None:
    graph = cell_graph(LSTM)
    boxes = {part.name: part.label for part in graph.parts if part.kind == "box"}
    gates = dict.fromkeys(("forget gate", "input gate", "output gate"), "σ")
    assert boxes == {**gates, "candidate": "tanh"}
    others = Counter(part.label for part in graph.parts if part.kind in ("circle", "function"))
    assert others == {"×": 3, "+": 1, "tanh": 1}
    for box in boxes:
        assert reads(graph, box) == ["inputs", "hidden"]
    new = graph.leaves["cell"][1]
    assert [[called(each) for each in term.reads] for term in new.reads] == [
        ["forget gate", "cell"],
        ["input gate", "candidate"],
    ]
    hidden = graph.leaves["hidden"][1]
    assert [called(each) for each in hidden.reads] == ["output gate", "tanh"]
    assert hidden.reads[1].reads == (new,)


def test_the_output_gate_peeps_at_the_new_cell_state() -> None:
    graph = cell_graph(CELLS["peepholes"])
    assert reads(graph, "forget gate") == reads(graph, "input gate") == ["inputs", "hidden", "cell"]
    assert reads(graph, "candidate") == ["inputs", "hidden"]
    assert reads(graph, "output gate") == ["inputs", "hidden", "+"]


def test_coupled_gates_are_one() -> None:
    graph = cell_graph(CELLS["coupled"])
    assert "forget gate" not in {part.name for part in graph.parts}
    (rest,) = (part for part in graph.parts if part.label == "1 −")
    assert [called(each) for each in rest.reads] == ["input gate"]
    assert [called(each) for each in graph.readers(rest)] == ["×"]


def test_the_reset_gate_stands_before_or_after_the_product() -> None:
    before, after = (cell_graph(CELLS[f"gru-{reset}"]) for reset in ("before", "after"))
    for graph, reset in ((before, ["reset gate", "hidden"]), (after, ["past of the candidate"])):
        (candidate,) = (part for part in graph.parts if part.name == "candidate")
        (past,) = (part for part in candidate.reads if part.label == "×")
        assert set(reset) <= {called(each) for each in past.reads}
    assert reads(after, "past of the candidate") == ["hidden"]


def test_every_operation_is_in_one_part(name: str) -> None:
    """But for the sums within a block, the weights, and the numbers of an equation."""
    graph = cell_graph(CELLS[name])
    drawn = [node for part in graph.parts for node in part.nodes]
    assert len(set(drawn)) == len(drawn)
    ends = [part.nodes[0] for _, part in graph.leaves.values()]
    left = set(ancestors(*ends)) - set(drawn)
    weights = {node for node in left if isinstance(node.name, Place)}
    assert {node.operation for node in left - weights} <= {"add", "number"}
    matrices = {node.name for node in weights if not node.name.part.endswith("bias")}
    assert matrices == {p for p, _ in CELLS[name].places() if not p.part.endswith("bias")}


def test_the_straight_line_is_that_of_the_card(name: str, layout: Layout) -> None:
    assert [called(part) for part in layout.line] == LINES[name]
    places = [layout.at[part] for part in layout.line[1:]]
    assert len({y for _, y in places}) == 1
    assert places == sorted(places)


def test_blocks_stand_in_the_order_of_the_textbooks() -> None:
    layout = laid_out(cell_graph(LSTM))
    boxes = sorted((at, part.name) for part, at in layout.at.items() if part.kind == "box")
    assert [name for _, name in boxes] == ["forget gate", "input gate", "candidate", "output gate"]


def test_wires_touch_nothing_that_they_only_pass(layout: Layout) -> None:
    assert covered(layout) == []
    assert overlapping(layout) == 0


def test_wires_cross_as_little_as_is_known(name: str, layout: Layout) -> None:
    assert len(crossings(layout)) <= CROSSINGS[name]


def test_wires_part_and_join_at_dots(name: str, layout: Layout) -> None:
    """Counted by hand: on the line, on the buses, and between a gate and what reads it."""
    dots = junctions(layout)
    assert len(dots) == JUNCTIONS[name]
    for dot in dots:
        at = [wire for wire in layout.wires if any(lies_on(dot, *p) for p in wire.segments())]
        assert len(at) >= 2


def lies_on(dot: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> bool:
    return all(min(a, b) <= d <= max(a, b) for d, a, b in zip(dot, start, end, strict=True))


def test_everything_that_is_read_has_a_wire(layout: Layout) -> None:
    wires = {(wire.source, wire.target) for wire in layout.wires}
    joined = {wire.source for wire in layout.wires if wire.target is None}
    for part in layout.at:
        for read in part.reads:
            assert (read, part) in wires or read in joined


def test_a_wire_ends_on_the_edge_of_what_reads_it(layout: Layout) -> None:
    for wire in layout.wires:
        for (x0, y0), (x1, y1) in wire.segments():
            assert (x0 == x1) != (y0 == y1)
        if wire.target:
            assert on_edge(layout, wire.target, wire.points[-1])
        if wire.source in layout.at:
            assert on_edge(layout, wire.source, wire.points[0])


def on_edge(layout: Layout, part: Part, point: tuple[float, float]) -> bool:
    (x, y), (wide, high) = layout.at[part], HALF[part.kind]
    across, up = abs(point[0] - x), abs(point[1] - y)
    return (across == wide and up <= high) or (up == high and across <= wide)


def test_parts_stand_apart(layout: Layout) -> None:
    parts = list(layout.at.items())
    for k, (one, (x, y)) in enumerate(parts):
        for other, (u, v) in parts[:k]:
            wide, high = (sum(each) for each in zip(HALF[one.kind], HALF[other.kind], strict=True))
            assert abs(x - u) >= wide + 4 or abs(y - v) >= high + 4
