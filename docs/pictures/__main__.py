"""``python -m docs.pictures [--to FOLDER] [NAME ...]``: write the pictures, or list them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main() -> int:
    """Write pictures; the exit status is 0, or 2 with one sentence."""
    parser = argparse.ArgumentParser(
        prog="python -m docs.pictures",
        description="Write the pictures of the documentation, each for light and for dark pages.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which pictures; all, if none")
    parser.add_argument("--to", type=Path, default=Path("pictures"), metavar="FOLDER")
    parser.add_argument("--list", action="store_true", help="name the pictures, and write none")
    given = parser.parse_args()
    try:
        from docs.pictures import PICTURES, UnknownPicture, write
    except ModuleNotFoundError as missing:
        package = str(missing.name).partition(".")[0]
        if package not in ("matplotlib", "rnnspec"):
            raise
        print(f"{package} is missing: pip install -e . --group docs", file=sys.stderr)
        return 2
    if given.list:
        for picture in PICTURES.values():
            print(f"{picture.name:22} {picture.title}")
        return 0
    try:
        for path in write(given.to, given.names or None):
            print(path)
    except UnknownPicture as wrong:
        print(wrong, file=sys.stderr)
        return 2
    except OSError as wrong:
        print(
            f"{given.to} can't be written to ({wrong.strerror}): name another folder with --to",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
