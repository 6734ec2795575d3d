"""``python -m rnnspec``."""

from rnnspec.cli import main

main()
