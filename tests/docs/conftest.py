"""The site, built once: without network, warnings as errors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.building import ROOT, Build

if str(ROOT) not in sys.path:  # docs is a package of the repository, which is not installed
    sys.path.append(str(ROOT))
NEEDED = ("sphinx", "furo", "myst_parser", "sphinx_copybutton", "ziamath", "matplotlib")


@pytest.fixture(scope="session")
def build() -> Build:
    """By Sphinx, with warnings as errors."""
    for name in NEEDED:
        pytest.importorskip(name, reason=f"the documentation needs {name}: tox run -e docs")

    def built(documents: Path, to: Path) -> str:
        command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E", "-d"]
        told = subprocess.run(
            [*command, f"{to}-trees", str(documents), str(to)],
            capture_output=True,
            text=True,
            env={**os.environ, "NO_COLOR": "1", "PYTHONWARNINGS": ""},
            check=False,
        )
        assert told.returncode == 0 or told.stderr
        return told.stderr

    return built


@pytest.fixture(scope="session")
def site(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site."""
    folder = tmp_path_factory.mktemp("site") / "html"
    assert build(ROOT / "docs", folder) == ""
    return folder
