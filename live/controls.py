"""What people choose on the page: source, view, style, mirror. Each choice is passed on once, when it is made.

Several pages may be open: a choice on one does not show on the others until they are loaded anew, and never undoes
theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from live.security import is_loopback
from live.shared import House
from live.sources.base import SourceError
from live.sources.catalog import label_of
from live.style_choice import show_styles
from live.uploads import SUFFIXES, UploadError

VIEW_LABELS = {"side-by-side": "Side by side", "portrait": "Portrait", "paste": "In the picture", "camera": "Camera"}
VISITOR, ADDRESS, UPLOAD = "visitor", "address", "upload"
OTHER_SOURCES = {VISITOR: "This browser's camera", ADDRESS: "Address or file …", UPLOAD: "Send a video file …"}
DEMO = label_of("demo")


def restore(house: House) -> None:
    """A fresh page starts from what the session does now."""
    now = house.session.stats()
    st.session_state.setdefault("source", now.spec)
    st.session_state.setdefault("view", now.view)
    st.session_state.setdefault("style", now.style)
    st.session_state.setdefault("mirror", _mirrors(house, now.spec))


def show_controls(house: House) -> None:
    """The widgets; `restore` comes first."""
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
        source, style, mirror = st.columns([5, 5, 2])
        with source:
            _source_choice(house)
        with style:
            show_styles(house)
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
    path = text.removeprefix("file://").removeprefix("file:")
    if "://" in path:
        return path
    if not files:
        raise SourceError("expected an address such as rtsp://camera.local/stream; to show a file, choose to send it")
    return f"file:{path}"


def _mirrors(house: House, spec: str) -> bool:
    """Whether a source is turned as a mirror does while nobody has touched the switch: cameras are."""
    wanted = house.session.settings.mirror
    camera = spec == VISITOR or spec.startswith("camera:") or (spec == "auto" and house.session.stats().source != DEMO)
    return camera if wanted is None else wanted


def _guarded(change: Callable[[], None]) -> Callable[[], None]:
    """A change whose failure becomes one sentence on the page."""
    return partial(_tell, change)


def _tell(change: Callable[[], None]) -> None:
    try:
        change()
    except (SourceError, UploadError) as error:
        st.session_state.problem = str(error)
