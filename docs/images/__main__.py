"""Writes them."""

from __future__ import annotations

from docs.images import FOLDER, images

if __name__ == "__main__":
    for name, svg in images().items():
        (FOLDER / name).write_text(svg, encoding="utf-8", newline="\n")
