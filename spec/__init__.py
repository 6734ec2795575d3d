"""What must hold: the claims, the strategies that draw their cases, and the judge."""

if __name__ != "rnnspec.spec":
    raise ImportError("import rnnspec.spec; the folder spec/ is not a package of its own")
