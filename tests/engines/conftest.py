"""Markers of the engine tests."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "rtx: builds real TensorRT-for-RTX plans (skipped without its wheels)")
