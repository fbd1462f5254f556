"""The page: widgets and text. Pictures reach the browser through `live.routes`, never through Streamlit.

Streamlit runs this file from top to bottom for every click, so nothing here is kept but `st.session_state`.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit_webrtc import Translations, WebRtcMode, webrtc_streamer

from live.controls import VISITOR, restore, show_controls
from live.outputs.panel import show_looks, show_outputs
from live.shared import DOORPLATE, House, NotRunningError
from live.stats import Spread, Stats
from live.visitor import CAMERA, Visitor

THEME = Path(__file__).parent / "theme"
STATUS_EVERY_S = 2.0
BUTTONS: Translations = {"start": "Start the camera", "stop": "Stop", "select_device": "Choose a camera"}


def show() -> None:
    """Build the page."""
    st.set_page_config(page_title="TwinGAN Live", page_icon="🎭", layout="wide", initial_sidebar_state="collapsed")
    st.html(THEME / "page.css")
    st.html(THEME / "header.html")
    try:
        house = DOORPLATE.house()
    except NotRunningError as error:
        st.error(str(error))
        return
    restore(house)
    picture = st.container()
    show_controls(house)
    show_looks(house)
    show_outputs(house)
    with picture:
        _stage(house)
    problem = st.session_state.pop("problem", "")
    if problem:
        st.error(problem)
    _status(house)


def _stage(house: House) -> None:
    if st.session_state.source == VISITOR:
        _browser_camera(house)
    else:
        st.iframe("/player", height=480, alt="Live picture")


def _browser_camera(house: House) -> None:
    visitor = _visitor(house)
    servers = [{"urls": url} for url in house.access.ice_servers]
    with st.container(key="browser-camera"):
        webrtc_streamer(
            key="visitor",
            mode=WebRtcMode.SENDRECV,
            rtc_configuration={"iceServers": servers},
            media_stream_constraints={"video": CAMERA, "audio": False},
            queued_video_frames_callback=visitor.animate,
            on_video_ended=visitor.end,
            video_html_attrs={"autoPlay": True, "controls": False, "muted": True, "style": _video_style(visitor.view)},
            media_toggle_controls=False,
            sendback_audio=False,
            translations=BUTTONS,
        )
        st.caption("Your picture goes to the computer that runs this app, comes back drawn, and is not stored.")


def _video_style(view: str) -> dict[str, str]:
    """The shape of the view from the start: the component takes its height once, from the plain camera frame."""
    shape = "7 / 3" if view == "side-by-side" else "4 / 3"
    return {"width": "100%", "aspectRatio": shape, "objectFit": "contain", "borderRadius": "16px"}


def _visitor(house: House) -> Visitor:
    if "visitor_stream" not in st.session_state:
        st.session_state.visitor_stream = house.visitors.welcome()
    visitor: Visitor = st.session_state.visitor_stream
    visitor.view, visitor.mirror = st.session_state.view or visitor.view, st.session_state.mirror
    visitor.strength, visitor.frozen = st.session_state.strength / 100, st.session_state.frozen
    visitor.calm = st.session_state.calm
    return visitor


@st.fragment(run_every=STATUS_EVERY_S)
def _status(house: House) -> None:
    now = house.session.stats()
    if now.style and not st.session_state.style:  # it was still loading when this page was opened
        st.rerun()
    visitor: Visitor | None = st.session_state.get("visitor_stream")
    if st.session_state.source == VISITOR and visitor is not None:
        _facts(_visitor_facts(visitor, now))
        _timings(visitor.stage_ms)
    else:
        _facts(_session_facts(now))
        _timings(now.stage_ms | {"capture to encoded": now.latency_ms})


def _facts(facts: list[str]) -> None:
    with st.container(key="facts"):
        st.text("  ·  ".join(fact for fact in facts if fact))


def _session_facts(now: Stats) -> list[str]:
    size = f"{now.width} × {now.height}" if now.width else ""
    return [
        now.message,
        f"{now.runtime} ({now.fallback})" if now.fallback else now.runtime or "No model loaded",
        Path(now.style).stem if now.style else "",
        now.source,
        size,
        f"{now.fps_captured:.0f} captured, {now.fps_shown:.0f} painted per second",
        f"{now.faces} {'face' if now.faces == 1 else 'faces'}",
    ]


def _visitor_facts(visitor: Visitor, now: Stats) -> list[str]:
    total = visitor.stage_ms.get("total", Spread())
    running = f"{visitor.fps:.0f} painted per second, {total.median:.0f} ms each (p95 {total.p95:.0f})"
    return [
        visitor.problem,
        now.runtime or now.message or "No model loaded",
        Path(now.style).stem if now.style else "",
        running if visitor.animated else "",
    ]


def _timings(stages: dict[str, Spread]) -> None:
    with st.expander("Where the milliseconds go"):
        rows = [{"Stage": name, "Median ms": value.median, "p95 ms": value.p95} for name, value in stages.items()]
        lines = [f"| {row['Stage']} | {row['Median ms']:.1f} | {row['p95 ms']:.1f} |" for row in rows]
        st.markdown("\n".join(["| Stage | Median, ms | 95th percentile, ms |", "|:--|--:|--:|", *lines]))


show()
