"""Every command of the README and the page on reports, run: on the reference, and few claims.

(The lines of the tutorials are followed word for word in ``tests/face``; what installs and what
runs the tests is what a clean clone is checked with.)
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from rnnspec.cli import main, rnnspec
from rnnspec.reference.messages import encode_answer
from rnnspec.reference.unroll import unroll
from rnnspec.vector_plan import plan
from tests.docs.building import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
(BLOCK,) = re.findall(r"```sh\n\. \.venv/bin/activate\n(.*?)```", README, flags=re.DOTALL)
REPORTS = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
OTHERS = "".join(re.findall(r"^```sh\n(.*?)```", REPORTS, flags=re.DOTALL | re.MULTILINE))
LINES = [line.partition(" #")[0].strip() for line in (BLOCK + OTHERS).splitlines()]
IN_PLACE = {
    "torch": "reference",
    "mypackage.module:MyAdapter": "rnnspec.adapters.reference_:Reference",
    "node peer.mjs": f"{sys.executable} {ROOT / 'peers' / 'plain' / 'peer.py'}",
    ".rnnspec/FILE": "found.json",
    "FILE": "known.toml",
    "*.jsonl": "report.jsonl",
    "docs/matrix/*.jsonl": str(ROOT / "docs" / "matrix" / "torch.jsonl"),
    "docs/divergences": str(ROOT / "docs" / "divergences"),
    "model.pt": "model.weights.h5",  # which needs no framework
}
"""What stands for something of the reader's, and the framework that is not here."""
FEW = ["--profile", "quick", "--only", "lstm.three-gates"]
"""A run takes minutes; it is the line that is tried."""
STATUS = {"reproduce": 2, "check-answers": 3}
"""Of what does not end with 0: the reference is no framework that a script could be written for,
and of six hundred vectors one is answered."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a reader stands, with what the lines ask for."""
    folder = tmp_path_factory.mktemp("reader")
    vector = next(vector for vector in plan() if vector.id == "rnn-plain-01")
    assert vector.case is not None
    (folder / "ANSWERS").mkdir()
    answer = json.dumps(encode_answer(unroll(vector.case)))
    (folder / "ANSWERS" / f"{vector.id}.json").write_text(answer, "utf-8")
    shapes = {"weight_ih_l0": (8, 3), "weight_hh_l0": (8, 2)}
    arrays = {name: np.ones(shape, np.float32) for name, shape in shapes.items()}
    save_file(arrays, folder / "model.safetensors")
    words = ["--from", "torch", "--to", "keras", "-o", str(folder / "model.weights.h5")]
    with pytest.raises(SystemExit, match="0"):
        rnnspec.main(["convert", str(folder / "model.safetensors"), *words])
    (folder / "known.toml").write_text("", encoding="utf-8")
    stored = json.loads((ROOT / "docs/divergences/tf-raw-lstm.trained.json").read_text("utf-8"))
    (folder / "found.json").write_text(json.dumps({**stored, "adapter": "reference"}), "utf-8")
    return folder


def test_there_are_lines() -> None:
    assert len(LINES) > 15


@pytest.mark.parametrize("line", LINES)
def test_a_line_does_what_it_says(
    line: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    program, *words = (IN_PLACE.get(word, word) for word in shlex.split(line))
    if program == "pytest":
        command = [sys.executable, "-m", "pytest", "-q", *words, "-k", "three-gates"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=_alone())
        assert done.returncode == 0, done.stdout
        return
    assert program == "rnnspec"
    few = FEW if words[0] == "run" else []
    monkeypatch.setattr(sys, "argv", ["rnnspec", *words, *few])
    try:
        main()
        status: object = 0
    except SystemExit as ended:
        status = ended.code
    assert status == STATUS.get(words[0], 0), capsys.readouterr().err


def _alone() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("CI", "BUILD_NUMBER")}
