"""The demo clip: what a machine without a camera shows, and what tests and the benchmark work on."""

from pathlib import Path

CLIP = Path(__file__).with_name("faces.mp4")

SECONDS_WITH_FACES = {1: (0.8, 3.6), 2: (12.2, 15.0), 4: (16.4, 19.2)}
"""Where so many faces are seen throughout, (from, to) in seconds; away from the fades."""
