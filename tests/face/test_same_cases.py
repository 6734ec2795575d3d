"""One seed gives the same cases: in every process, and whatever else is imported there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

Python = Callable[..., CompletedProcess[str]]

DIGEST = """
import json, zlib
from rnnspec.reference.encoding import encode_case
from rnnspec.reference.layer import ReferenceLayer
from rnnspec.spec.claims import CLAIMS
from rnnspec.spec.search import search

class Recorder(ReferenceLayer):
    mark = 0
    def run(self, case):
        self.mark = zlib.crc32(json.dumps(encode_case(case), sort_keys=True).encode(), self.mark)
        return super().run(case)

layer = Recorder()
search(CLAIMS["rnn.step"], layer, "standard", 0)
print(layer.mark)
"""


SOURCES = Path(__file__).parents[2] / "src"


def test_cases_depend_on_the_seed_alone(python: Python, tmp_path: Path) -> None:
    # Hypothesis draws some of its numbers from the constants in the source of the modules around
    constants = [*range(100, 1000), *(bytes(range(k, k + 16)) for k in range(200))]
    (tmp_path / "constants.py").write_text(f"CONSTANTS = {constants}\n")
    more = "import sys; sys.path.insert(0, '.'); import constants\n"
    # and a suite around it may have a profile of its own
    profile = "derandomize=True, max_examples=1, backend='hypothesis-urandom'"
    more += f"from hypothesis import settings; settings.register_profile('own', {profile})\n"
    more += "settings.load_profile('own')\n"
    alone = python("-c", DIGEST, PYTHONHASHSEED="1")
    among = python("-c", more + DIGEST, PYTHONHASHSEED="2")
    assert alone.stderr == among.stderr == ""
    assert alone.stdout == among.stdout, "cases depend on what else is imported, or on hashes"


def test_an_installed_package_and_one_that_is_edited_give_the_same_cases(python: Python) -> None:
    """To Hypothesis, the modules of the one are a library's, and those of the other the user's."""
    installed = python("-c", DIGEST)
    edited = python("-c", f"import sys; sys.path.insert(0, {str(SOURCES)!r})\n{DIGEST}")
    assert installed.stderr == edited.stderr == ""
    assert installed.stdout == edited.stdout
