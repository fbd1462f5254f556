from __future__ import annotations

import io

from live.findings import Finding, show


def test_the_table_says_its_lights_in_words_too_and_its_end_tells_scripts() -> None:
    good, limited, bad = Finding("A", "green", "fine"), Finding("B", "yellow", "slow"), Finding("C", "red", "broken")
    out = io.StringIO()
    assert show([good, limited], out, coloured=False) == 0
    assert out.getvalue().splitlines()[:2] == ["[  OK   ]  A               fine", "[ LOOK  ]  B               slow"]
    assert "1 of 2 have a limit" in out.getvalue()
    out = io.StringIO()
    assert show([good, limited, bad], out, coloured=True) == 1
    assert "\033[97;41m FAILS \033[0m  C" in out.getvalue()
    assert "1 of 3 will not work" in out.getvalue()
    out = io.StringIO()
    assert show([good], out, coloured=False) == 0 and "Everything works." in out.getvalue()


def test_long_sentences_stay_in_their_column() -> None:
    out = io.StringIO()
    show([Finding("A", "yellow", "word " * 40)], out, coloured=False, width=80)
    lines = out.getvalue().splitlines()[:-2]
    assert len(lines) > 2
    assert all(len(line) <= 80 for line in lines)
    assert all(line.startswith(" " * 27 + "word") for line in lines[1:])
