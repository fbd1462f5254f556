"""The certificate for https. Browsers hand over a camera to secure pages only: https, or a page of this machine."""

from __future__ import annotations

import ssl
from pathlib import Path


def check_pair(certificate: Path | None, key: Path | None) -> bool:
    """Whether the server shall speak https.

    Args:
        certificate: PEM, the server's own first and those that vouch for it after.
        key: PEM, without a password.

    Raises:
        ValueError: only one is given, one is not readable, or they do not belong together.
    """
    if certificate is None and key is None:
        return False
    if certificate is None or key is None:
        missing, given = ("--key", "--certificate") if key is None else ("--certificate", "--key")
        raise ValueError(f"{given} needs {missing} as well: https takes a certificate and its private key")
    for flag, path in (("--certificate", certificate), ("--key", key)):
        _check_readable(flag, path)
    if b"ENCRYPTED" in key.read_bytes():  # the password would be asked for in the terminal, which no service answers
        remedy = f"write one without, `openssl pkey -in {key} -out open.pem`"
        raise ValueError(f"the key {key} is locked with a password: {remedy}")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        raise ValueError(_told(error, certificate, key)) from error
    return True


def _check_readable(flag: str, path: Path) -> None:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{flag} {path} cannot be read: {error.strerror}") from error
    if b"-----BEGIN" not in text:
        raise ValueError(f"{flag} {path} is not a PEM file: it must hold a line that starts with -----BEGIN")


def _told(error: ssl.SSLError, certificate: Path, key: Path) -> str:
    reason = error.reason or str(error)
    if "MISMATCH" in reason:
        return f"the key {key} does not belong to the certificate {certificate}: give two files that were made together"
    return (
        f"{certificate} and {key} cannot be used for https ({reason}): expected a PEM certificate and its private key"
    )
