from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from live.booth.pin import ATTEMPTS
from tests.live.booth.people import PIN, BoothServed, serving_booth


@pytest.fixture
def served() -> Iterator[BoothServed]:
    with serving_booth() as running:
        yield running


CONTROLS = [
    ("/booth/operator/panel.json", None),
    ("/booth/operator/change", {"what": "source", "to": "pattern"}),
    ("/booth/operator/clear", {}),
    ("/booth/operator/restart", {}),
]


@pytest.mark.parametrize(("path", "message"), CONTROLS)
def test_without_the_pin_nothing_is_told_or_changed(served: BoothServed, path: str, message: object) -> None:
    served.snap()
    restarts: list[int] = []
    served.booth.restart = lambda: restarts.append(1)
    status, _, body = served.ask(path, message)
    assert status == 401
    assert json.loads(body) == {"reason": "the PIN comes first"}
    assert served.session.asked == []
    assert served.booth.takeaways.count == 1
    assert not restarts


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(served: BoothServed) -> None:
    cookie = served.ask("/booth/operator/login", {"pin": PIN})[1]["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert PIN not in cookie


def test_too_many_wrong_pins_have_to_wait(served: BoothServed) -> None:
    for _ in range(ATTEMPTS):
        assert served.ask("/booth/operator/login", {"pin": "0000"})[0] == 401
    status, headers, body = served.ask("/booth/operator/login", {"pin": PIN})
    assert status == 429
    assert 25 <= json.loads(body)["waitS"] <= 30
    assert headers["retry-after"]


def test_the_operator_changes_source_style_view_and_language(served: BoothServed) -> None:
    served.log_in()
    for what, to in [("source", "pattern"), ("style", "0"), ("view", "portrait"), ("language", "ja")]:
        served.json("/booth/operator/change", {"what": what, "to": to})
    assert served.session.asked == [("source", "pattern"), ("style", "/m/a.onnx"), ("view", "portrait")]
    assert served.json("/booth/config.json")["language"] == "ja"


@pytest.mark.parametrize(
    ("what", "to"),
    [
        ("source", "file:/etc/passwd"),
        ("style", "/m/a.onnx"),
        ("style", "-1"),
        ("view", "camera"),
        ("language", "fr"),
        ("x", "y"),
    ],
)
def test_only_what_is_offered_can_be_chosen(served: BoothServed, what: str, to: str) -> None:
    served.log_in()
    status, _, body = served.ask("/booth/operator/change", {"what": what, "to": to})
    assert status == 400
    assert json.loads(body)["reason"] == f"{what} cannot be {to}: choose one of the list"
    assert served.session.asked == []


def test_a_style_that_does_not_load_is_told(served: BoothServed) -> None:
    served.log_in()
    status, _, body = served.ask("/booth/operator/change", {"what": "style", "to": "1"})
    assert status == 400
    assert "is not a graph: export it again" in json.loads(body)["reason"]


def test_the_panel_tells_no_folders(served: BoothServed) -> None:
    served.log_in()
    told = served.json("/booth/operator/panel.json")
    assert told["styles"] == [["0", "A"], ["1", "Broken"]]
    assert told["source"] == "demo"
    assert told["onlyHere"] is True
    assert "/m/" not in json.dumps(told)


def test_clearing_forgets_every_picture(served: BoothServed) -> None:
    token = served.snap()["token"]
    served.log_in()
    served.json("/booth/operator/clear", {})
    assert served.ask(f"/take/{token}")[0] == 404


def test_restarting_needs_somebody_who_can(served: BoothServed) -> None:
    served.log_in()
    assert served.json("/booth/operator/panel.json")["restartable"] is False
    assert served.ask("/booth/operator/restart", {})[0] == 409


def test_locking_ends_the_login(served: BoothServed) -> None:
    served.log_in()
    served.json("/booth/operator/logout", {})
    assert served.ask("/booth/operator/panel.json")[0] == 401


def test_the_apps_own_page_is_the_operators_too(served: BoothServed) -> None:
    status, headers, _ = served.ask("/")
    assert (status, headers["location"]) == (303, "/booth")
    assert served.ask("/_stcore/health")[0] == 403
    with pytest.raises(InvalidStatus), connect(f"ws://127.0.0.1:{served.port}/_stcore/stream"):
        pass
    served.log_in()
    assert served.ask("/_stcore/health")[0] == 404  # let through to an app that has no such page


def test_the_live_picture_needs_no_pin(served: BoothServed) -> None:
    assert served.ask("/healthz")[0] == 200
    with connect(f"ws://127.0.0.1:{served.port}/ws") as socket:
        assert "state" in json.loads(socket.recv(timeout=10))
