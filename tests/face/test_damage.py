"""Files from others are data: damaged as they may be, they are read, or refused in a sentence."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnspec import catalogue, waiver_file
from rnnspec.reference.encoding import Malformed
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.reference.network import InvalidCase
from rnnspec.replay import read, replay
from rnnspec.spec.search import Verdict
from tests.damage import damaged, scratched

DIVERGENCES = Path(__file__).parents[2] / "docs" / "divergences"
REPLAY = (DIVERGENCES / "keras-jax-layer.paths.json").read_bytes()
WAIVERS = (DIVERGENCES / "keras.toml").read_bytes()

given_often = settings(deadline=None, derandomize=True, database=None, max_examples=200)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to be written again and again, beside what the waivers name."""
    folder = tmp_path_factory.mktemp("damage")
    for path in DIVERGENCES.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    return folder / "it"


def test_what_is_not_damaged_is_read(file: Path) -> None:
    file.write_bytes(REPLAY)
    assert replay(read(file), ReferenceLayer()).verdict is Verdict.NOT_APPLICABLE
    file.write_bytes(WAIVERS)
    assert waiver_file.read(file, catalogue.names())


@given(data=st.data())
@given_often
def test_a_replay_file(data: st.DataObject, file: Path) -> None:
    whole = json.loads(REPLAY)
    whole["case"] |= {"way": "taped", "dtype": "float64"}
    if data.draw(st.booleans()):
        whole = data.draw(damaged(whole))
    text = json.dumps(whole).encode()
    file.write_bytes(data.draw(scratched(text)) if data.draw(st.booleans()) else text)
    with suppress(Malformed, InvalidCase):
        assert replay(read(file), ReferenceLayer()).verdict is not Verdict.VIOLATED


@given(content=scratched(WAIVERS))
@given_often
def test_a_waiver_file(content: bytes, file: Path) -> None:
    file.write_bytes(content)
    with suppress(Malformed):
        waiver_file.read(file, catalogue.names())
