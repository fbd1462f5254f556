"""The demo clip: what a machine without a camera shows."""
