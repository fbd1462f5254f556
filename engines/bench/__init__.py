"""Measuring the generator alone: who takes part, how long it takes, and how far that is from the device's limit.

`python -m live.bench` is the command line.
"""
