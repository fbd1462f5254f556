from __future__ import annotations

import socket
from ipaddress import ip_address

import pytest

from live.booth import addresses
from live.booth.addresses import check_address, lan_address, phone_address


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_server_for_everybody_is_found_at_its_networks_address(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setattr(addresses, "lan_address", lambda: "10.1.2.3")
    assert phone_address("http", host, 80) == "http://10.1.2.3:80"


def test_a_server_for_one_address_is_found_there() -> None:
    assert phone_address("https", "192.168.1.20", 8501) == "https://192.168.1.20:8501"
    assert phone_address("http", "fd00::5", 8501) == "http://[fd00::5]:8501"


def test_the_own_address_is_one_of_this_machine() -> None:
    own = lan_address()
    if own is None:
        pytest.skip("this machine is in no network")
    assert not ip_address(own).is_loopback
    with socket.socket(socket.AF_INET6 if ":" in own else socket.AF_INET) as probe:
        probe.bind((own, 0))  # fails for addresses of others


def test_without_a_network_there_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(self: socket.socket, address: object) -> None:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", unreachable)
    assert lan_address() is None
    assert phone_address("http", "0.0.0.0", 80) == "http://localhost:80"


@pytest.mark.parametrize("text", ["http://192.168.1.20:8501", "https://booth.example/live/"])
def test_addresses_that_can_be_used(text: str) -> None:
    assert check_address(text) == text.rstrip("/")


@pytest.mark.parametrize(
    "text", ["192.168.1.20", "ftp://a", "http://", "http://a?b", "http://a b", "http://u:p@a", "javascript:1"]
)
def test_addresses_that_cannot(text: str) -> None:
    with pytest.raises(ValueError, match="--booth-address must be like"):
        check_address(text)
