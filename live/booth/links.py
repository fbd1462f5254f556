"""The links that visitors' phones open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

from live.booth.addresses import phone_address
from live.security import is_loopback

if TYPE_CHECKING:
    from live.booth.booth import Booth
    from live.shared import House


def only_here(booth: Booth, house: House) -> bool:
    """Whether phones cannot reach this server."""
    return not booth.address and is_loopback(house.access.host)


def address(booth: Booth, house: House, request: Request) -> str:
    """Where phones find this server; this machine's own address where they cannot."""
    if booth.address:
        return booth.address
    if is_loopback(house.access.host):
        return f"{request.url.scheme}://{request.url.netloc}"
    server = request.scope.get("server") or (house.access.host, 80)
    return phone_address(request.url.scheme, house.access.host, int(server[1] or 80))


def link(booth: Booth, house: House, request: Request, token: str) -> str:
    """The address behind the QR code."""
    return f"{address(booth, house, request)}/take/{token}"
