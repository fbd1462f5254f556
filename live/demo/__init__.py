"""The demo clip: what a machine without a camera shows, and what tests and the benchmark work on."""

from pathlib import Path

CLIP = Path(__file__).with_name("faces.mp4")

SECONDS_WITH_FACES = {1: (0.2, 3.0), 2: (12.9, 15.7), 4: (17.6, 20.4)}
"""Where so many faces are seen throughout, (from, to) in seconds; in focus."""
