"""How good a graph's portraits are: one command, one report (`python -m twingan.evaluate`)."""
