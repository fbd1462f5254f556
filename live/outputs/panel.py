"""The part of the page for those who stream: looks (strength, calm, upscaling, freeze), virtual camera, recording,
snapshots."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from engines.errors import EngineError
from live.outputs.files import OutputError
from live.security import is_loopback

if TYPE_CHECKING:
    from live.outputs.outputs import Outputs
    from live.shared import House

REFRESH_S = 1.0
AS_SHOWN, SIDE_BY_SIDE = "As shown", "Side by side"


def show_looks(house: House) -> None:
    """Strength, calm, upscaling and freeze."""
    now = house.session.stats()
    st.session_state.setdefault("strength", round(now.strength * 100))
    st.session_state.setdefault("frozen", now.frozen)
    st.session_state.setdefault("calm", now.calm)
    st.session_state.setdefault("upscale", now.upscale > 1)
    with st.container(key="looks"):
        strength, calm, upscale, freeze = st.columns([5, 2, 2, 2], vertical_alignment="bottom")
        strength.slider(
            "Strength", 0, 100, key="strength", format="%d %%", help="0 % is your face, 100 % the character",
            on_change=lambda: house.session.set_strength(st.session_state.strength / 100),
        )  # fmt: skip
        calm.toggle(
            "Calm", key="calm", help="A still face gives a still portrait",
            on_change=lambda: house.session.set_calm(st.session_state.calm),
        )  # fmt: skip
        upscale.toggle(
            "Upscale 2×", key="upscale", on_change=lambda: _set_upscale(house),
            help="Sharper lines for large screens, drawn by a second network on the processor: most of the pictures a "
            "second are lost. Not in the picture, where faces are small",
        )  # fmt: skip
        freeze.toggle("Freeze", key="frozen", on_change=lambda: house.session.set_frozen(st.session_state.frozen))


def _set_upscale(house: House) -> None:
    """Switch it; where that fails, the switch goes back and the page says why."""
    try:
        house.session.set_upscale(2 if st.session_state.upscale else 1)
    except EngineError as error:
        st.session_state.upscale, st.session_state.problem = False, str(error)


def show_outputs(house: House) -> None:
    """Virtual camera, recording and snapshots."""
    outputs = house.outputs
    # The switches show what is so, also after an output ended by itself or on another page.
    st.session_state["virtual-camera"] = outputs.virtual_camera.on
    st.session_state.record = outputs.recorder.on
    st.session_state.shoot = outputs.snapshots.on
    with st.expander("Stream and record"):
        st.toggle(
            "Virtual camera",
            key="virtual-camera",
            help="Other programs see the picture as a camera, not mirrored",
            on_change=_guarded(lambda: _switch_camera(outputs)),
        )
        st.caption("For OBS: a browser source with the address of this page and /overlay has a transparent background.")
        if is_loopback(house.access.host):
            _folder(outputs)
        _recording(outputs)
    _signs(outputs)


def _folder(outputs: Outputs) -> None:
    """Only people at this machine may choose where on its disk files go."""
    st.session_state.setdefault("folder", str(outputs.folder or ""))
    st.text_input(
        "Folder for recordings and snapshots",
        key="folder",
        placeholder=str(Path.home() / "Videos"),
        on_change=lambda: _choose_folder(outputs),
    )


def _choose_folder(outputs: Outputs) -> None:
    text = st.session_state.folder.strip()
    outputs.folder = Path(text).expanduser() if text else None


def _recording(outputs: Outputs) -> None:
    content, record, every, shoot = st.columns([3, 2, 3, 2], vertical_alignment="bottom")
    content.selectbox("Picture", [AS_SHOWN, SIDE_BY_SIDE], key="export")
    record.toggle("Record", key="record", on_change=_guarded(lambda: _switch_recorder(outputs)))
    every.number_input("Seconds between snapshots", 1, 3600, 10, key="every")
    shoot.toggle("Snapshots", key="shoot", on_change=_guarded(lambda: _switch_snapshots(outputs)))


def _switch_camera(outputs: Outputs) -> None:
    if st.session_state["virtual-camera"]:
        outputs.virtual_camera.start()
    else:
        outputs.virtual_camera.stop()


def _switch_recorder(outputs: Outputs) -> None:
    if st.session_state.record:
        outputs.recorder.start(outputs.folder, _exported())
    else:
        outputs.recorder.stop()


def _switch_snapshots(outputs: Outputs) -> None:
    if st.session_state.shoot:
        outputs.snapshots.start(outputs.folder, st.session_state.every, _exported())
    else:
        outputs.snapshots.stop()


def _exported() -> str | None:
    return "side-by-side" if st.session_state.export == SIDE_BY_SIDE else None


@st.fragment(run_every=REFRESH_S)
def _signs(outputs: Outputs) -> None:
    """What is on, in red while something is kept; and what went wrong."""
    if outputs.recorder.on:
        minutes, seconds = divmod(int(outputs.recorder.seconds), 60)
        name = outputs.recorder.path.name if outputs.recorder.path else ""
        st.markdown(f":red-background[**● Recording {minutes}:{seconds:02d}**] {name}")
    if outputs.snapshots.on:
        st.markdown(f":red-background[**● Snapshots**] {outputs.snapshots.taken} taken")
    if outputs.virtual_camera.on:
        st.markdown(f"Virtual camera: {outputs.virtual_camera.device}")
    if outputs.problem:
        st.warning(outputs.problem)


def _guarded(change: Callable[[], None]) -> Callable[[], None]:
    """What cannot be switched on goes back to off."""
    return partial(_try, change)


def _try(change: Callable[[], None]) -> None:
    with contextlib.suppress(OutputError):  # `_signs` tells it for as long as it is so
        change()
