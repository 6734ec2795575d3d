"""Why a claim has its place that is the only one to find nothing."""

PLACES: dict[str, str] = {}
