"""How each framework is spoken to. One module each, and each imports its framework lazily."""

if __name__ != "rnnspec.adapters":
    raise ImportError("import rnnspec.adapters; the folder adapters/ is not a package of its own")
