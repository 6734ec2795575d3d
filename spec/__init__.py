"""What must hold: the claims, the strategies that draw their cases, and the judge."""

VERSION = "1.0"
"""Of the specification, apart from the package's: what it may mean is in docs/specification.md."""

if __name__ != "rnnspec.spec":
    raise ImportError("import rnnspec.spec; the folder spec/ is not a package of its own")
