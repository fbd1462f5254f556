"""How fast the product is on this machine: `python -m live.bench` (see `live.bench.__main__`)."""
