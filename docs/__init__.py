"""The specification as a site: ``python -m sphinx docs FOLDER``."""
