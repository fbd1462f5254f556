"""The app: the Streamlit page, our routes, and a lifespan in which camera and engine live.

`python -m live` runs it with flags. Any ASGI server runs it with the defaults: `uvicorn live.app:app`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from live.access import TokenMiddleware
from live.booth.booth import Booth
from live.booth.guard import BoothGuard
from live.booth.routes import make_booth_routes
from live.broadcast import Broadcast
from live.memory import Memory, recalled
from live.outputs.outputs import Outputs
from live.routes import make_routes
from live.security import LOOPBACK_NAMES, GuardMiddleware, content_policy, is_loopback
from live.session import Session
from live.settings import Settings
from live.shared import DOORPLATE, Access, House
from live.turns import short_turns
from live.uploads import Uploads
from live.visitor import Visitors

PAGE = Path(__file__).with_name("page.py")
STREAMLIT_PAGE = Path(st.__file__).parent / "static" / "index.html"
log = logging.getLogger(__name__)


def make_app(settings: Settings, access: Access, booth: Booth | None = None) -> st.App:
    """An app that starts a session when the server starts and closes it when the server stops."""

    @contextlib.asynccontextmanager
    async def lifespan(app: st.App) -> AsyncIterator[dict[str, Any]]:
        memory = Memory()
        session = Session(recalled(settings, memory), remember=memory.remember if settings.remember else lambda _: None)
        outputs = Outputs(session, settings.outputs)
        house = House(session, Broadcast(session), Visitors(session), Uploads(), outputs, access)
        # Loading a graph and opening a camera may take seconds; meanwhile the page says so.
        await asyncio.to_thread(session.start)
        await asyncio.to_thread(outputs.start)
        DOORPLATE.put(house)
        try:
            with short_turns():
                yield {"house": house}
        finally:
            DOORPLATE.put(None)
            await asyncio.to_thread(house.visitors.close)
            await asyncio.to_thread(outputs.close)
            await asyncio.to_thread(session.close)
            house.uploads.close()

    return st.App(
        PAGE,
        routes=[*make_routes(DOORPLATE.house), *(make_booth_routes(booth, DOORPLATE.house) if booth else [])],
        lifespan=lifespan,
        middleware=[
            Middleware(
                GuardMiddleware,
                hosts=allowed_hosts(access),
                origins=access.allow_hosts,
                policy=content_policy(STREAMLIT_PAGE.read_text("utf-8")),
            ),
            Middleware(TokenMiddleware, token=access.token, secure=access.secure),
            *([Middleware(BoothGuard, booth=booth)] if booth else []),
        ],
        on_script_error=apologise,
    )


def allowed_hosts(access: Access) -> tuple[str, ...]:
    """Names a browser may use: this machine's while the server is bound to it, any name otherwise."""
    return (*LOOPBACK_NAMES, *access.allow_hosts) if is_loopback(access.host) else ()


def apologise(error: Exception) -> bool:
    """Show one sentence instead of a traceback, which goes to the log; Streamlit calls this for uncaught errors."""
    log.error("the page failed", exc_info=error)
    st.error("Something went wrong on this page. Reload it; the terminal in which the app runs tells more.")
    return True


def __getattr__(name: str) -> Any:
    """`app` with the default settings, made when an ASGI server asks for it and not on import."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return make_app(Settings(), Access())
