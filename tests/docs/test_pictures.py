"""Every picture as a file: well-formed, the same each time, legible, in light and in dark."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import combinations, product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

pytest.importorskip("matplotlib", reason="the pictures are drawn with it")

from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, PathPatch
from matplotlib.path import Path as Path2D
from matplotlib.text import Text

from docs.pictures import DARK, LIGHT, PICTURES, THEMES, Theme, UnknownPicture, write
from docs.pictures.cell_crossings import junctions
from docs.pictures.cell_graph import cell_graph
from docs.pictures.cell_layout import laid_out
from docs.pictures.cells import CELLS

SVG = "{http://www.w3.org/2000/svg}"
ROOT = Path(__file__).parents[2]
FILES = [f"{name}-{theme.name}.svg" for name in PICTURES for theme in THEMES]
MAPPED = dict(zip(DARK.colours(), LIGHT.colours(), strict=True))
MADE = re.compile(r"\b[mpC]?[0-9a-f]{10}\b|\bC\d+_\d+_[0-9a-f]{10}\b")
"""The names that matplotlib makes of what they stand for, colours included."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All files, written once."""
    folder = tmp_path_factory.mktemp("pictures") / "new" / "folder"
    assert [path.name for path in write(folder)] == FILES
    return folder


@pytest.fixture(params=PICTURES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_picture_is_svg_with_title_and_description(folder: Path, name: str) -> None:
    picture = PICTURES[name]
    for theme in THEMES:
        path = folder / f"{name}-{theme.name}.svg"
        root = ElementTree.parse(path).getroot()
        assert root.tag == f"{SVG}svg"
        assert [child.tag for child in root[:2]] == [f"{SVG}title", f"{SVG}desc"]
        assert [child.text for child in root[:2]] == [picture.title, picture.alternative]
        labels = " ".join(child.attrib["id"] for child in root[:2])
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-labelledby"] == labels
        assert not list(root.iter(f"{SVG}style"))
        width, height = map(float, root.attrib["viewBox"].split()[2:])
        assert 380 <= width <= 480
        assert 0.2 * width <= height <= 1.2 * width
        assert path.stat().st_size < 150_000


def test_nothing_is_drawn_on_the_page_itself(folder: Path, name: str) -> None:
    text = (folder / f"{name}-light.svg").read_text()
    assert LIGHT.page not in text
    used = set(re.findall(r"#[0-9a-f]{6}\b", text))
    assert LIGHT.ink in used
    assert used <= {*LIGHT.colours(), *BLACK}


BLACK = {"#000000"}
"""What matplotlib writes where nothing is filled."""


def test_themes_differ_in_colours_only(folder: Path, name: str) -> None:
    light, dark = (
        MADE.sub("made", (folder / f"{name}-{theme}.svg").read_text())
        for theme in ("light", "dark")
    )
    assert light != dark
    assert re.sub(r"#[0-9a-f]{6}\b", lambda found: MAPPED[found[0]], dark) == light


def test_the_command_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    """In another process, in which sets come in another order."""
    found = subprocess.run(
        [sys.executable, "-m", "docs.pictures", "--to", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": "11", "PYTHONPATH": path(), "PYTHONSAFEPATH": ""},
    )  # fmt: skip
    assert found.stdout.split() == [str(tmp_path / file) for file in FILES]
    assert found.stderr == ""
    for file in FILES:
        assert (tmp_path / file).read_bytes() == (folder / file).read_bytes(), file


def path() -> str:
    return os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(ROOT)]).strip(os.pathsep)


def test_some_pictures_alone(tmp_path: Path) -> None:
    assert [path.name for path in write(tmp_path, ["deep", "cell-rnn", "deep"])] == [
        "deep-light.svg", "deep-dark.svg", "cell-rnn-light.svg", "cell-rnn-dark.svg"
    ]  # fmt: skip
    assert len(list(tmp_path.iterdir())) == 4


def test_what_is_not_there_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UnknownPicture, match=r"no picture 'depe': use some of cell-rnn, "):
        write(tmp_path / "new", ["deep", "depe"])
    assert not (tmp_path / "new").exists()


def contrast(one: str, other: str) -> float:
    """That of WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_text_can_be_read_on_the_page_and_in_a_box(theme: Theme) -> None:
    assert len({*theme.colours(), theme.page}) == 7
    for colour in (theme.ink, theme.first, theme.second, theme.third):
        assert contrast(colour, theme.page) >= 4.5
        assert contrast(colour, theme.surface) >= 4.5


# ---- what stands where, as matplotlib measures it


@pytest.fixture(scope="module")
def figures() -> dict[str, Figure]:
    """Laid out, so that everything has its place."""
    figures = {name: picture.drawn(LIGHT) for name, picture in PICTURES.items()}
    for figure in figures.values():
        figure.set_canvas(FigureCanvasAgg(figure))
        figure.draw_without_rendering()
    return figures


@pytest.fixture
def figure(figures: dict[str, Figure], name: str) -> Figure:
    return figures[name]


def texts(figure: Figure) -> list[Text]:
    """The texts that are seen: not the labels of axes that show none."""
    hidden: set[Any] = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            hidden |= set(unseen(axis, axes.axison))
    found = [each for each in figure.findobj(Text) if isinstance(each, Text)]
    return [t for t in found if t.get_visible() and t.get_text().strip() and t not in hidden]


def unseen(axis: Axis, on: bool) -> list[Any]:
    if not on:
        return axis.findobj(Text)
    low, high = sorted(axis.get_view_interval())
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    outside = [tick for tick in ticks if not low <= tick.get_loc() <= high]
    return [label for tick in outside for label in (tick.label1, tick.label2)]


def test_texts_lie_within_the_picture_and_apart(figure: Figure) -> None:
    boxes = {text: text.get_window_extent() for text in texts(figure)}
    assert boxes
    for text, box in boxes.items():
        assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1, text.get_text()
        assert figure.bbox.y0 <= box.y0 < box.y1 <= figure.bbox.y1, text.get_text()
    for (one, box), (other, beside) in combinations(boxes.items(), 2):
        assert not box.overlaps(beside), (one.get_text(), other.get_text())


def test_no_line_runs_through_a_text(figure: Figure) -> None:
    lines: list[Path2D] = []
    for axes in figure.axes:
        shapes: list[Any] = [each for each in axes.lines if each.get_linestyle() != "None"]
        shapes += [each for each in axes.patches if type(each) in (PathPatch, FancyArrowPatch)]
        for shape in shapes:
            path = shape.get_transform().transform_path(shape.get_path())
            lines += [Path2D(points) for points in path.to_polygons(closed_only=False)]
        for text in axes.texts:
            box = text.get_window_extent()
            for line in lines:
                assert not line.intersects_bbox(box, filled=False), text.get_text()


def test_a_text_lies_within_a_box_or_beside_it(figure: Figure) -> None:
    for axes in figure.axes:
        shapes = [each for each in axes.patches if isinstance(each, FancyBboxPatch | Circle)]
        for text, shape in product(axes.texts, shapes):
            box, around = text.get_window_extent(), shape.get_window_extent()
            inside = around.containsx(box.x0) and around.containsx(box.x1)
            inside = inside and around.containsy(box.y0) and around.containsy(box.y1)
            assert inside or not box.overlaps(around), text.get_text()


def test_every_junction_of_a_cell_is_a_dot(figures: dict[str, Figure]) -> None:
    for name, (network, _) in CELLS.items():
        (axes,) = figures[name].axes
        circles = [each for each in axes.patches if isinstance(each, Circle)]
        dots: list[Any] = [each.get_center() for each in circles if each.get_radius() < 4]
        layout = laid_out(cell_graph(network))
        assert {(float(x), float(y)) for x, y in dots} == junctions(layout)


def test_texts_can_be_read_on_a_telephone(figure: Figure) -> None:
    """Of 360 points, the smallest letters have nine."""
    scale = 360 / (72 * figure.get_figwidth())
    assert min(float(text.get_fontsize()) for text in texts(figure)) * scale >= 9.0
