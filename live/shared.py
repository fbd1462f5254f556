"""What the page, the routes and the lifespan of one process share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from live.broadcast import Broadcast
    from live.outputs.outputs import Outputs
    from live.session import Session
    from live.uploads import Uploads
    from live.viewers import Painted
    from live.visitor import Visitors


@dataclass(frozen=True)
class Access:
    """How the server may be reached and what that permits.

    Attributes:
        host: address it is bound to.
        allow_hosts: further names under which people reach it, for instance behind a proxy.
        ice_servers: STUN or TURN addresses for visitors from outside; none means that only direct connections within
            the same network are tried and nobody outside is asked.
        token: what a viewer has to know (`live.access`); empty lets everybody look who reaches the server.
        secure: the server speaks https.
    """

    host: str = "127.0.0.1"
    allow_hosts: tuple[str, ...] = ()
    ice_servers: tuple[str, ...] = ()
    token: str = field(default="", repr=False)
    secure: bool = False


@dataclass(frozen=True)
class House:
    """The running parts."""

    session: Session
    broadcast: Broadcast[Painted]
    visitors: Visitors
    uploads: Uploads
    outputs: Outputs
    access: Access = field(default_factory=Access)


class NotRunningError(RuntimeError):
    """The page was opened without the app around it."""


class Doorplate:
    """Holds the house while the app runs."""

    def __init__(self) -> None:
        self._house: House | None = None

    def put(self, house: House | None) -> None:
        """Say which house runs now; None when it has closed."""
        self._house = house

    def house(self) -> House:
        """The running house.

        Raises:
            NotRunningError: there is none.
        """
        if self._house is None:
            raise NotRunningError("The app is not running: start it with `make live`.")
        return self._house


DOORPLATE = Doorplate()
"""Streamlit executes page.py as a script and gives it no way to reach `st.App.state`: this is the way."""
