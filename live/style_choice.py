"""The styles on the page: a list to choose from, and one button with a number key for each."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from engines.errors import EngineError
from live.shared import House
from live.styles import label_of

KEYS = 9
"""Styles are on the keys 1 to 9."""


@st.fragment
def show_styles(house: House) -> None:
    """The widgets. A choice rebuilds nothing else of the page: that would take the processor from the picture."""
    _list(house)
    _keys(house)
    problem = st.session_state.pop("style_problem", "")
    if problem:
        st.error(problem)


def _list(house: House) -> None:
    labels = dict(house.session.styles())
    current = st.session_state.style
    if not current:  # still loading when this page was opened
        current = st.session_state.style = house.session.stats().style
    if current and current not in labels:
        labels = {current: label_of(Path(current)), **labels}
    key = _list_key()
    st.session_state[key] = current or None
    st.selectbox(
        "Character",
        list(labels),
        format_func=lambda path: labels.get(path, path),
        key=key,
        placeholder="None found" if not labels else "Choose one",
        disabled=not labels,
        on_change=partial(_choose_from_list, house, key),
    )


def _list_key() -> str:
    """A new one after every choice.

    A rerun that was under way tells what the browser still believes, which must not undo the choice.
    """
    return f"style-list-{st.session_state.setdefault('style_choices', 0)}"


def _keys(house: House) -> None:
    """A single style needs none."""
    styles = house.session.styles()[:KEYS]
    if len(styles) < 2:
        return
    with st.container(key="style-keys", horizontal=True):
        for number, (path, label) in enumerate(styles, 1):
            st.button(
                label,
                key=f"style-key-{number}",
                shortcut=str(number),
                type="primary" if path == st.session_state.style else "secondary",
                on_click=partial(_choose, house, path),
            )


def _choose_from_list(house: House, key: str) -> None:
    if key == _list_key():
        _choose(house, st.session_state[key])


def _choose(house: House, path: str) -> None:
    """Put a style in force; what is wrong becomes one sentence on the page."""
    st.session_state.style_choices += 1
    try:
        house.session.set_style(path)
    except EngineError as error:
        st.session_state.style_problem = str(error)
    else:
        st.session_state.style = path
