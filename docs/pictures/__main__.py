"""``python -m docs.pictures [--to FOLDER] [NAME ...]``: write the pictures, or list them."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def main() -> int:
    """Do what the command line asks for; the exit status is 2 where it can't be, with a sentence,
    130 where it is interrupted, and 141 where nobody reads what is printed.
    """
    try:
        print("\n".join(_asked()), flush=True)
    except KeyboardInterrupt:
        return 130
    except OSError as lost:  # of what is printed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # it is flushed at exit
        if isinstance(lost, BrokenPipeError):
            return 141
        print(f"what was done can't be printed: {lost.strerror}", file=sys.stderr)
        return 2
    except _Wrong as wrong:
        print(wrong, file=sys.stderr)
        return 2
    return 0


class _Wrong(Exception):
    """What can't be done, and what to do."""


def _asked() -> list[str]:
    """The names of the pictures, or of the files that were written."""
    parser = argparse.ArgumentParser(
        prog="python -m docs.pictures",
        description="Write the pictures of the documentation, each for light and for dark pages.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which pictures; all, if none")
    parser.add_argument(
        "--to", type=Path, default=Path("pictures"), metavar="FOLDER",
        help="where they are written; %(default)s, if nowhere else",
    )  # fmt: skip
    parser.add_argument("--list", action="store_true", help="name the pictures, and write none")
    given = parser.parse_args()
    try:
        from docs.pictures import PICTURES, UnknownPicture, write
    except ModuleNotFoundError as missing:
        package = str(missing.name).partition(".")[0]
        if package not in ("matplotlib", "rnnspec"):
            raise
        raise _Wrong(f"{package} is missing: pip install -e . --group docs") from None
    if given.list:
        return [f"{picture.name:22} {picture.title}" for picture in PICTURES.values()]
    try:
        return [str(path) for path in write(given.to, given.names or None)]
    except UnknownPicture as unknown:
        raise _Wrong(str(unknown)) from None
    except OSError as refused:
        raise _Wrong(
            f"{given.to} can't be written to ({refused.strerror}): name another folder with --to"
        ) from None


if __name__ == "__main__":
    sys.exit(main())
