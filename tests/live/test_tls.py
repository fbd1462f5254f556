from __future__ import annotations

from pathlib import Path

import pytest

from live.tls import check_pair
from tests.live.certificates import make_pair


def test_a_pair_that_belongs_together_is_accepted_and_none_is_needed(tmp_path: Path) -> None:
    assert check_pair(*make_pair(tmp_path))
    assert not check_pair(None, None)


def refused(certificate: Path | None, key: Path | None) -> str:
    """What is said about a pair."""
    with pytest.raises(ValueError, match=r"\S") as error:
        check_pair(certificate, key)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_one_without_the_other_is_refused(tmp_path: Path) -> None:
    certificate, key = make_pair(tmp_path)
    assert refused(certificate, None).startswith("--certificate needs --key as well")
    assert refused(None, key).startswith("--key needs --certificate as well")


def test_what_is_wrong_with_the_files_is_told(tmp_path: Path) -> None:
    certificate, key = make_pair(tmp_path)
    _, foreign = make_pair(tmp_path, "foreign")
    _, locked = make_pair(tmp_path, "locked", b"secret")
    (tmp_path / "empty").write_text("")
    assert "--certificate" in refused(tmp_path / "gone", key) and "No such file" in refused(tmp_path / "gone", key)
    assert "--key" in refused(certificate, tmp_path) and "Is a directory" in refused(certificate, tmp_path)
    assert "is not a PEM file" in refused(tmp_path / "empty", key)
    assert "does not belong to the certificate" in refused(certificate, foreign)
    assert "locked with a password" in refused(certificate, locked)
    assert "expected a PEM certificate and its private key" in refused(key, certificate)
