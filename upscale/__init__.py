"""Enlarging of drawn pictures for print and large screens."""

from upscale.upscaler import SCALES, Upscaler

__all__ = ["SCALES", "Upscaler"]
