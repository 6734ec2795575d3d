"""What the equations compute, and the vocabulary in which everything here speaks.

``cells`` holds each equation, once. ``unroll`` runs them over time, directions and layers.
``operations`` and ``bounds`` are two ways to read the same lines: as numbers, and as numbers
with a rigorous bound on what rounding may do to them.
"""

if __name__ != "rnnspec.reference":
    raise ImportError("import rnnspec.reference; the folder reference/ is not a package of its own")
