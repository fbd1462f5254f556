"""The booth's parts, put together."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from live.animate import Animator, Moment
from live.booth.addresses import check_address
from live.booth.attract import Gallery
from live.booth.pin import Operators, check_pin, generated_pin
from live.booth.prints import jpeg, portrait_of, print_of, upscaled
from live.booth.takeaways import Takeaway, Takeaways
from live.booth.theme import Theme, load_theme
from live.stats import Stats
from upscale import Upscaler

PIN_VARIABLE = "TWINGAN_BOOTH_PIN"
FRESH_S = 2.0
"""A picture is taken of what the camera saw so lately at most."""
PRINT, PORTRAIT = "print.jpg", "portrait.jpg"


@dataclass(frozen=True)
class BoothSettings:
    """What an operator may choose before the start.

    Attributes:
        theme: file over the theme that comes with the app; None is that one alone.
        pin: of the operator's controls; None takes that of the environment (`PIN_VARIABLE`), else a generated one.
        address: how phones reach this machine, where that cannot be found out, such as behind a proxy; empty is
            found out.

    Raises:
        ValueError: one of them cannot be used.
    """

    theme: Path | None = None
    pin: str | None = None
    address: str = ""

    def __post_init__(self) -> None:
        if self.pin is not None:
            check_pin(self.pin)
        if self.address:
            check_address(self.address)


class NobodyError(Exception):
    """There is no face to take a picture of."""


class Subject(Protocol):
    """What the booth needs of `live.session.Session`."""

    def moment(self) -> Moment | None:
        """What the newest picture was painted from."""

    def stats(self) -> Stats:
        """How it is doing."""

    def new_animator(self) -> Animator:
        """An animator for a stream of its own."""


class Booth:
    """Theme, pictures, gallery and operators of one running app. Any thread may call.

    Args:
        settings: see there.

    Attributes:
        language: the booth's own; visitors may choose another for themselves.
        taking: held while a picture is taken.
        restart: ends the program and starts it again; None where nobody can do that.
        pin: in clear where it was generated, to be shown once to who starts the app; else empty.

    Raises:
        ValueError: the theme or the PIN cannot be used.
    """

    def __init__(self, settings: BoothSettings | None = None) -> None:
        settings = settings or BoothSettings()
        self.theme: Theme = load_theme(settings.theme)
        given = settings.pin or os.environ.get(PIN_VARIABLE) or ""
        self.pin = "" if given else generated_pin()
        self.operators = Operators(given or self.pin, self.theme.seconds["operator"])
        self.takeaways = Takeaways(self.theme.seconds["keep"])
        self.gallery = Gallery()
        self.address = settings.address.rstrip("/")
        self.language = self.theme.languages[0]
        self.taking = asyncio.Lock()
        self.restart: Callable[[], None] | None = None

    def take(self, session: Subject, language: str) -> Takeaway:
        """Take the picture of who is in front of the camera now; some 100 ms of work, and a second a face to upscale.

        Raises:
            NobodyError: nobody is, or the camera stands still.
        """
        moment = session.moment()
        if moment is None or not moment.people or time.monotonic() - moment.captured_at > FRESH_S:
            raise NobodyError
        day = time.strftime("%Y-%m-%d")
        if self.theme.upscale:
            moment = upscaled(moment, self._upscaler)
        files = {
            PRINT: jpeg(print_of(moment, self.theme, language, day)),
            PORTRAIT: jpeg(portrait_of(moment, ground=self.theme.colours["panel"])),
        }
        return self.takeaways.keep(files, language)

    @cached_property
    def _upscaler(self) -> Upscaler:
        return Upscaler(4, threads=1)  # the other cores go on with the live picture

    def refresh_gallery(self, session: Subject) -> None:
        """Paint the inviting portraits in the style in force, where that was not done yet; some seconds of work."""
        self.gallery.refresh(session.stats().style, session.new_animator)
