from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

import live.booth.routes
from live.access import OPEN_PATHS
from live.booth.booth import FRESH_S
from live.booth.theme import FOLDER
from tests.live.booth.people import GREEN, BoothServed, moment, person, serving_booth
from tests.live.fakes import until


@pytest.fixture
def served() -> Iterator[BoothServed]:
    with serving_booth() as running:
        yield running


def picture(data: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), int)


def scanned(svg: bytes) -> str:
    """What a phone reads off a QR code made by segno: its modules are painted and given to OpenCV's reader."""
    text = svg.decode()
    size = int(re.findall(r'viewBox="0 0 (\d+) ', text)[0])
    modules = np.full((size, size), 255, np.uint8)
    path = re.findall(r'class="qrline"[^>]* d="([^"]+)"', text) or re.findall(r' d="(M[^"]+)"', text)
    x = y = 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?", path[-1]):
        if command == "M":
            x, y = float(first), float(second)
        elif command == "m":
            x, y = x + float(first), y + float(second)
        else:
            modules[int(y), int(x) : int(x + float(first))] = 0
            x += float(first)
    read, *_ = cv2.QRCodeDetectorAruco().detectAndDecode(
        cv2.resize(modules, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)
    )
    return str(read)


def test_a_visitor_takes_a_picture_home(served: BoothServed) -> None:
    taken = served.snap("de")
    assert taken["link"] == f"{served.url}/take/{taken['token']}"
    status, headers, body = served.ask(f"/{taken['print']}")
    assert (status, headers["content-type"], headers["cache-control"]) == (200, "image/jpeg", "no-store")
    assert picture(body).shape == (1200, 1800, 3)
    portrait = picture(served.ask(f"/{taken['portrait']}")[2])
    assert np.abs(portrait.mean((0, 1)) - GREEN).max() < 25  # the upscaler knows drawings, not flat green
    page = served.ask(f"/take/{taken['token']}")[2].decode()
    assert "Dein Bild" in page
    assert 'lang="de"' in page


def test_the_code_holds_the_link(served: BoothServed) -> None:
    taken = served.snap()
    status, headers, svg = served.ask(f"/{taken['qr']}")
    assert (status, headers["content-type"]) == (200, "image/svg+xml")
    assert scanned(svg) == taken["link"]


def test_saving_names_the_file(served: BoothServed) -> None:
    headers = served.ask(f"/{served.snap()['print']}?save")[1]
    assert headers["content-disposition"] == 'attachment; filename="twingan-live-print.jpg"'


def test_the_phones_page_speaks_other_languages_when_asked(served: BoothServed) -> None:
    token = served.snap("en")["token"]
    assert "あなたの写真" in served.ask(f"/take/{token}?lang=ja")[2].decode()
    assert "Your picture" in served.ask(f"/take/{token}?lang=<script>")[2].decode()


def test_the_phones_page_runs_its_own_script_and_no_other(served: BoothServed) -> None:
    _, headers, _ = served.ask(f"/take/{served.snap()['token']}")
    assert re.search(r"script-src 'self' 'sha256-[^']+'", headers["content-security-policy"])


@pytest.mark.parametrize("path", ["/take/AAAAAAAAAAAAAAAAAAAAAA", "/take/AAAAAAAAAAAAAAAAAAAAAA/print.jpg", "/take/x"])
def test_a_guess_finds_nothing(served: BoothServed, path: str) -> None:
    served.snap()
    assert served.ask(path)[0] == 404


@pytest.mark.parametrize(
    "path", ["/take", "/take/", "/booth/qr/", "/booth/gallery", "/booth/theme.toml", "/booth/..%2fbooth.py"]
)
def test_nothing_is_listed_and_no_file_is_reached(served: BoothServed, path: str) -> None:
    token = served.snap()["token"]
    status, _, body = served.ask(path)
    assert status in (403, 404)
    assert token.encode() not in body


def test_a_picture_that_is_gone_says_so_in_the_phones_language(served: BoothServed) -> None:
    token = served.snap("en")["token"]
    served.booth.takeaways.clear()
    status, _, body = served.ask(f"/take/{token}", headers={"Accept-Language": "fr-FR,ja-JP;q=0.9,en;q=0.8"})
    assert status == 404
    assert "この写真はもうありません" in body.decode()


def test_visitors_delete_their_picture(served: BoothServed) -> None:
    token = served.snap()["token"]
    other = served.snap()["token"]
    assert served.ask(f"/take/{token}/delete", method="POST")[0] == 200
    assert served.ask(f"/take/{token}/print.jpg")[0] == 404
    assert served.ask(f"/take/{other}/print.jpg")[0] == 200


def test_without_a_face_there_is_no_picture(served: BoothServed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live.booth.routes, "FACE_TRIES", 2)
    for posing in (None, moment(), moment(person(GREEN), age_s=FRESH_S + 1)):
        served.session.posing = posing
        assert served.ask("/booth/snapshot", {"language": "en"})[0] == 409
    assert served.booth.takeaways.count == 0


def test_a_face_that_comes_a_moment_later_is_taken(served: BoothServed) -> None:
    served.session.posing = moment()
    come = threading.Timer(0.3, lambda: setattr(served.session, "posing", moment(person(GREEN))))
    come.start()
    assert served.snap()["token"]


def test_a_second_press_does_not_take_a_second_picture(served: BoothServed) -> None:
    served.session.posing = moment()  # the first waits for a face
    first = threading.Thread(target=served.ask, args=("/booth/snapshot", {"language": "en"}))
    first.start()
    until(served.booth.taking.locked)
    assert served.ask("/booth/snapshot", {"language": "en"})[0] == 429
    first.join()


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ({}, 400),
        ({"language": 3}, 400),
        ({"language": "en", "more": 1}, 400),
        ([], 400),
        (b"{", 400),
        (b"[" * 3000, 400),
        (b'"' + bytes(5000), 413),
    ],
)
def test_odd_messages_are_refused(served: BoothServed, message: object, status: int) -> None:
    assert served.ask("/booth/snapshot", message)[0] == status


def test_other_sites_take_no_pictures(served: BoothServed) -> None:
    origin = {"Origin": "http://evil.example"}
    assert served.ask("/booth/snapshot", {"language": "en"}, headers=origin)[0] == 403
    assert served.booth.takeaways.count == 0


def test_the_page_and_its_parts_are_served(served: BoothServed) -> None:
    assert served.ask("/booth")[0] == 200
    page = (FOLDER / "booth.html").read_text("utf-8")
    parts = [*re.findall(r'(?:src|href)="((?:booth/|player)[^"]+)"', page), "booth/gallery.js", "booth/operator.js"]
    assert len(parts) >= 6
    for part in parts:
        assert served.ask(f"/{part}")[0] == 200, part


def test_every_word_of_the_page_is_a_text(served: BoothServed) -> None:
    texts = served.json("/booth/config.json")["texts"]["en"]
    page = (FOLDER / "booth.html").read_text("utf-8")
    script = "".join((FOLDER / name).read_text("utf-8") for name in ("booth.js", "operator.js"))
    used = set(re.findall(r'data-text="(\w+)"', page)) | set(re.findall(r'say\("(\w+)"', script))
    assert len(used) > 25
    assert used <= texts.keys()


def test_colours_are_the_themes(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text('[colours]\non_accent = "#012345"')
    with serving_booth(theme=tmp_path / "t.toml") as served:
        assert b"--on-accent: #012345;" in served.ask("/booth/theme.css")[2]


def test_phones_are_told_where_the_booth_is() -> None:
    with serving_booth(address="https://booth.example/live/") as served:
        assert served.snap()["link"].startswith("https://booth.example/live/take/")
        assert served.json("/booth/config.json")["onlyHere"] is False
    with serving_booth() as served:
        assert served.json("/booth/config.json")["onlyHere"] is True


def test_a_booth_in_the_network_gives_an_address_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("live.booth.addresses.lan_address", lambda: "192.168.7.8")
    with serving_booth(host="0.0.0.0") as served:
        assert served.snap()["link"].startswith(f"http://192.168.7.8:{served.port}/take/")


def test_phones_need_no_access_token_for_their_picture_and_for_nothing_else(served: BoothServed) -> None:
    taken = served.snap()
    take = f"/take/{taken['token']}"
    for path in (take, f"/{taken['print']}", f"/{taken['portrait']}", f"{take}/delete"):
        assert OPEN_PATHS.fullmatch(path), path
    for path in ("/booth", "/booth/snapshot", f"/{taken['qr']}", "/booth/operator/login", "/take/", "/take/../booth"):
        assert not OPEN_PATHS.fullmatch(path), path
