from __future__ import annotations

import pytest

from live.security import host_name, is_loopback, same_origin


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_the_network(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("authority", "name"),
    [("Localhost:8501", "localhost"), ("127.0.0.1", "127.0.0.1"), ("[::1]:80", "::1"), ("", ""), ("[", "")],
)
def test_the_name_in_a_host_header(authority: str, name: str) -> None:
    assert host_name(authority) == name


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://127.0.0.1:8501", True),
        ("https://127.0.0.1:8501", True),  # a proxy in front speaks https
        ("http://127.0.0.1:8502", False),
        ("http://localhost:8501", False),
        ("https://evil.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_only_pages_of_the_same_server_open_sockets(origin: str, allowed: bool) -> None:
    assert same_origin({"host": "127.0.0.1:8501", "origin": origin}) is allowed


def test_programs_without_an_origin_may() -> None:
    assert same_origin({"host": "127.0.0.1:8501"})
