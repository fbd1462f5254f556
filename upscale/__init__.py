"""Enlarging of drawn pictures for print, large screens and streams."""

from upscale.doubler import Doubler
from upscale.upscaler import SCALES, Upscaler

__all__ = ["SCALES", "Doubler", "Upscaler"]
