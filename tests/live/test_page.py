from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from live.controls import spec_of
from live.shared import DOORPLATE, Access
from live.sources.base import SourceError
from live.stats import Spread, Stats
from tests.live.fake_house import FakeSession, fake_house

PAGE = Path(__file__).parents[2] / "live" / "page.py"


@pytest.fixture
def session() -> Iterator[FakeSession]:
    session = FakeSession(
        Stats(
            state="live",
            spec="demo",
            source="Demo clip",
            view="side-by-side",
            style="/m/a.onnx",
            runtime="Fake 1.0",
            stage_ms={"detect": Spread(3.25, 4.5)},
            faces=2,
        )
    )
    DOORPLATE.put(fake_house(session))
    yield session
    DOORPLATE.put(None)


def opened() -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=30).run()
    assert not page.exception
    return page


def styles_of(page: AppTest) -> Selectbox[str]:
    """The list of styles."""
    return next(box for box in page.selectbox if box.label == "Character")


def test_without_the_app_the_page_says_how_to_start_it() -> None:
    DOORPLATE.put(None)
    page = AppTest.from_file(str(PAGE), default_timeout=30).run()
    assert not page.exception
    assert [error.value for error in page.error] == ["The app is not running: start it with `make live`."]


def test_a_fresh_page_shows_what_runs_and_changes_nothing(session: FakeSession) -> None:
    page = opened()
    assert page.selectbox(key="source").value == "demo"
    assert styles_of(page).value == "/m/a.onnx"
    assert page.session_state.view == "side-by-side"
    facts = " ".join(text.value for text in page.text)
    assert "Fake 1.0" in facts and "Demo clip" in facts and "2 faces" in facts
    assert any("| detect | 3.2 | 4.5 |" in markdown.value for markdown in page.markdown)
    assert session.asked == []


def test_a_source_is_chosen(session: FakeSession) -> None:
    page = opened()
    page.selectbox(key="source").set_value("pattern").run()
    assert not page.exception
    assert ("source", "pattern") in session.asked


def test_a_view_is_chosen(session: FakeSession) -> None:
    page = opened()
    page.button_group(key="view").set_value("paste").run()
    assert session.asked == [("view", "paste")]


def test_the_mirror_is_switched(session: FakeSession) -> None:
    page = opened()
    assert page.toggle(key="mirror").value is False  # the demo clip is no mirror
    page.toggle(key="mirror").set_value(True).run()
    assert session.asked == [("mirror", True)]


def test_a_broken_style_becomes_one_sentence(session: FakeSession) -> None:
    page = opened()
    styles_of(page).set_value("/m/broken.onnx").run()
    assert not page.exception
    assert [error.value for error in page.error] == ["/m/broken.onnx is not a graph: export it again"]
    page.toggle(key="mirror").set_value(True).run()
    assert not page.error


def test_an_address_is_opened(session: FakeSession) -> None:
    page = opened()
    page.selectbox(key="source").set_value("address").run()
    page.text_input(key="address").set_value(" rtsp://camera.local/live ").run()
    assert session.asked[-1] == ("source", "rtsp://camera.local/live")
    assert not page.exception


def test_a_file_of_this_machine_is_opened(session: FakeSession) -> None:
    page = opened()
    page.selectbox(key="source").set_value("address").run()
    page.text_input(key="address").set_value("/home/me/clip.mp4").run()
    assert session.asked[-1] == ("source", "file:/home/me/clip.mp4")


def test_people_elsewhere_cannot_name_files_of_this_machine(session: FakeSession) -> None:
    DOORPLATE.put(fake_house(session, Access(host="0.0.0.0")))
    page = opened()
    page.selectbox(key="source").set_value("address").run()
    for path in ("/etc/passwd", "file:/etc/passwd", "file:///etc/passwd", "camera:0"):
        page.text_input(key="address").set_value(path).run()
        assert len(page.error) == 1, path
    assert not [asked for asked in session.asked if asked[0] == "source"]


def test_an_unknown_address_is_refused(session: FakeSession) -> None:
    page = opened()
    page.selectbox(key="source").set_value("address").run()
    page.text_input(key="address").set_value("gopher://old.example").run()
    assert "unknown source" in page.error[0].value


def test_what_is_wrong_is_said(session: FakeSession) -> None:
    session.now = replace(session.now, state="failed", runtime="", style="", message="No model (*.onnx) in models.")
    session.graphs = []
    page = opened()
    assert "No model (*.onnx) in models." in " ".join(text.value for text in page.text)
    assert styles_of(page).disabled


@pytest.mark.parametrize("text", ["http://a/b.mjpg", "rtsp://x/y"])
def test_addresses_are_taken_as_they_are(text: str) -> None:
    assert spec_of(text, files=False) == text


def test_a_path_needs_permission() -> None:
    assert spec_of("/a b.mp4", files=True) == "file:/a b.mp4"
    with pytest.raises(SourceError, match="choose to send it"):
        spec_of("/a b.mp4", files=False)


def test_strength_calm_and_freeze_are_passed_on(session: FakeSession) -> None:
    page = opened()
    page.slider(key="strength").set_value(40).run()
    page.toggle(key="calm").set_value(False).run()
    page.toggle(key="frozen").set_value(True).run()
    assert session.asked == [("strength", 0.4), ("calm", False), ("frozen", True)]


def test_upscaling_is_off_until_it_is_switched_on(session: FakeSession) -> None:
    page = opened()
    assert page.toggle(key="upscale").value is False
    page.toggle(key="upscale").set_value(True).run()
    page.toggle(key="upscale").set_value(False).run()
    assert session.asked == [("upscale", 2), ("upscale", 1)]


def test_an_upscaler_that_is_missing_becomes_one_sentence(session: FakeSession) -> None:
    session.upscaler_missing = True
    page = opened()
    page.toggle(key="upscale").set_value(True).run()
    assert not page.exception
    assert [error.value for error in page.error] == ["Upscaling stays off: the model is missing"]
    assert page.toggle(key="upscale").value is False


def test_a_style_that_was_still_loading_shows_once_it_runs(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is ready when the list was built already; nobody touches the page."""
    looks: list[str] = []
    session.now = replace(session.now, style="")

    def ready_at_the_second_look() -> list[tuple[str, str]]:
        looks.append(session.now.style)
        if len(looks) == 2:
            session.now = replace(session.now, style="/m/a.onnx")
        return session.graphs

    monkeypatch.setattr(session, "styles", ready_at_the_second_look)
    assert styles_of(opened()).value == "/m/a.onnx"
    assert looks[:2] == ["", ""] and session.asked == []


def test_a_style_is_one_key_away(session: FakeSession) -> None:
    session.graphs = [("/m/a.onnx", "A"), ("/m/b.onnx", "B"), ("/m/broken.onnx", "Broken")]
    page = opened()
    page.button(key="style-key-2").click().run()
    assert session.asked == [("style", "/m/b.onnx")]
    assert styles_of(page).value == "/m/b.onnx"
    page.button(key="style-key-3").click().run()
    assert "export it again" in page.error[0].value
    assert styles_of(page).value == "/m/b.onnx"


def test_recording_needs_a_folder_and_shows_a_red_sign(session: FakeSession, tmp_path: Path) -> None:
    page = opened()
    page.toggle(key="record").set_value(True).run()
    assert not page.toggle(key="record").value
    assert "no folder was chosen" in page.warning[0].value
    page.text_input(key="folder").set_value(str(tmp_path)).run()
    page.toggle(key="record").set_value(True).run()
    assert page.toggle(key="record").value
    assert any("red-background" in sign.value and "Recording" in sign.value for sign in page.markdown)
    page.toggle(key="record").set_value(False).run()
    assert not any("red-background" in sign.value for sign in page.markdown)
    assert session.taps.count == 0


def test_a_rerun_that_was_under_way_does_not_undo_a_style_key(session: FakeSession) -> None:
    session.graphs = [("/m/a.onnx", "A"), ("/m/b.onnx", "B")]
    page = opened()
    old = styles_of(page)
    page.button(key="style-key-2").click().run()
    assert styles_of(page).key != old.key, "what the browser still says of the old list is of no account"
    styles_of(page).set_value("/m/a.onnx").run()
    assert session.asked == [("style", "/m/b.onnx"), ("style", "/m/a.onnx")], "a choice right after a key counts"


def test_the_list_goes_back_where_a_style_cannot_be_used(session: FakeSession) -> None:
    page = opened()
    styles_of(page).set_value("/m/broken.onnx").run()
    assert styles_of(page).value == "/m/a.onnx"
