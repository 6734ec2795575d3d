"""Settings of Sphinx."""

from __future__ import annotations

import sys
from pathlib import Path

from rnnspec import __version__

sys.path.insert(0, str(Path(__file__).parents[1]))  # docs.site, docs.pictures

project = "rnnspec"
author = "The rnnspec authors"
copyright = "2026, the rnnspec authors"
version = release = __version__

extensions = ["myst_parser", "sphinx_copybutton", "rnnspec.sphinx", "docs.site"]
exclude_patterns = ["claims.md", "pictures", "site", "divergences/*/*", "matrix"]
myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 4
nitpicky = True
smartquotes = False  # what a claim says stands as it is

html_theme = "furo"
html_title = "rnnspec"
html_math_renderer = "drawn"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
copybutton_prompt_text = ">>> |... |$ "
copybutton_prompt_is_regexp = True
