"""What rnnspec is worth and what it costs, measured against what else one would do.

One thread for every BLAS: it is read when NumPy is imported, so it is set before.
"""

import os

for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"
