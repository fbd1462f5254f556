"""The page: widgets and text. Pictures reach the browser through `live.routes`, never through Streamlit.

Streamlit runs this file from top to bottom for every click, so nothing here is kept but `st.session_state`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit_webrtc import Translations, WebRtcMode, webrtc_streamer

from engines.errors import EngineError
from live.security import is_loopback
from live.shared import DOORPLATE, House, NotRunningError
from live.sources.base import SourceError
from live.sources.catalog import label_of
from live.stats import Spread, Stats
from live.styles import label_of as style_label
from live.uploads import SUFFIXES, UploadError
from live.visitor import CAMERA, Visitor

THEME = Path(__file__).parent / "theme"
VIEW_LABELS = {"side-by-side": "Side by side", "portrait": "Portrait", "paste": "In the picture", "camera": "Camera"}
VISITOR, ADDRESS, UPLOAD = "visitor", "address", "upload"
OTHER_SOURCES = {VISITOR: "This browser's camera", ADDRESS: "Address or file …", UPLOAD: "Send a video file …"}
STATUS_EVERY_S = 2.0
DEMO = label_of("demo")
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
    _restore(house)
    picture = st.container()
    _controls(house)
    with picture:
        _stage(house)
    problem = st.session_state.pop("problem", "")
    if problem:
        st.error(problem)
    _status(house)


def _restore(house: House) -> None:
    """A fresh page starts from what the session does now."""
    now = house.session.stats()
    st.session_state.setdefault("source", now.spec)
    st.session_state.setdefault("view", now.view)
    st.session_state.setdefault("style", now.style)
    st.session_state.setdefault("mirror", _mirrors(house, now.spec))


def _mirrors(house: House, spec: str) -> bool:
    """Whether a source is turned as a mirror does while nobody has touched the switch: cameras are."""
    wanted = house.session.settings.mirror
    camera = spec == VISITOR or spec.startswith("camera:") or (spec == "auto" and house.session.stats().source != DEMO)
    return camera if wanted is None else wanted


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
    return visitor


def _controls(house: House) -> None:
    with st.container(key="views"):
        st.segmented_control(
            "View",
            list(VIEW_LABELS),
            format_func=lambda view: VIEW_LABELS[view],
            key="view",
            required=True,
            label_visibility="collapsed",
            on_change=_guarded(lambda: _set_view(house)),
        )
    with st.container(key="choices"):
        source, style, mirror = st.columns([5, 5, 2], vertical_alignment="bottom")
        with source:
            _source_choice(house)
        with style:
            _style_choice(house)
        mirror.toggle("Mirror", key="mirror", on_change=_guarded(lambda: _set_mirror(house)))
        if st.session_state.source == ADDRESS:
            _address(house)
        elif st.session_state.source == UPLOAD:
            _upload(house)


def _source_choice(house: House) -> None:
    labels = dict(house.session.sources()) | OTHER_SOURCES
    if st.session_state.source not in labels:
        st.session_state.source = house.session.stats().spec
    st.selectbox(
        "Camera",
        list(labels),
        format_func=lambda spec: labels.get(spec, spec),
        key="source",
        on_change=_guarded(lambda: _set_source(house)),
    )


def _style_choice(house: House) -> None:
    labels = dict(house.session.styles())
    current = st.session_state.style
    if not current:  # still loading when this page was opened
        current = st.session_state.style = house.session.stats().style
    if current and current not in labels:
        labels = {current: style_label(Path(current)), **labels}
    st.selectbox(
        "Character",
        list(labels),
        format_func=lambda path: labels.get(path, path),
        key="style",
        placeholder="None found" if not labels else "Choose one",
        disabled=not labels,
        on_change=_guarded(lambda: _set_style(house)),
    )


def _address(house: House) -> None:
    here = is_loopback(house.access.host)
    st.text_input(
        "Address of a stream, or a file on this computer" if here else "Address of a stream",
        key="address",
        placeholder="rtsp://camera.local/stream" + (" or /home/me/clip.mp4" if here else ""),
        on_change=_guarded(lambda: _set_address(house)),
    )


def _upload(house: House) -> None:
    st.file_uploader(
        "A video with a face", type=list(SUFFIXES), key="file", on_change=_guarded(lambda: _set_upload(house))
    )


def _set_view(house: House) -> None:
    if st.session_state.source != VISITOR and st.session_state.view:
        house.session.set_view(st.session_state.view)


def _set_mirror(house: House) -> None:
    if st.session_state.source != VISITOR:
        house.session.set_mirror(st.session_state.mirror)


def _set_source(house: House) -> None:
    source = st.session_state.source
    if source not in (ADDRESS, UPLOAD):
        st.session_state.mirror = _mirrors(house, source)
    if source not in OTHER_SOURCES:
        house.session.set_source(source)
        house.session.set_mirror(house.session.settings.mirror)


def _set_style(house: House) -> None:
    if st.session_state.style:
        house.session.set_style(st.session_state.style)


def _set_address(house: House) -> None:
    text = st.session_state.address.strip()
    if text:
        house.session.set_source(spec_of(text, files=is_loopback(house.access.host)))


def _set_upload(house: House) -> None:
    file = st.session_state.file
    if file is not None:
        house.session.set_source(house.uploads.keep(file.name, file.getvalue()))


def spec_of(text: str, files: bool) -> str:
    """The spec (`live.sources.catalog`) of an address or path that somebody typed.

    Args:
        text: what was typed.
        files: whether paths on this machine may be opened, which only people at this machine should.

    Raises:
        SourceError: a path where none is allowed.
    """
    if "://" in text:
        return text
    if not files:
        raise SourceError("expected an address such as rtsp://camera.local/stream; to show a file, choose to send it")
    return f"file:{text}"


def _guarded(change: Callable[[], None]) -> Callable[[], None]:
    """A change whose failure becomes one sentence on the page."""
    return partial(_tell, change)


def _tell(change: Callable[[], None]) -> None:
    try:
        change()
    except (SourceError, EngineError, UploadError) as error:
        st.session_state.problem = str(error)


@st.fragment(run_every=STATUS_EVERY_S)
def _status(house: House) -> None:
    now = house.session.stats()
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
        now.runtime or "No model loaded",
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
