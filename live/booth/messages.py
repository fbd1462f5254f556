"""Small JSON messages from the booth's page, checked at the door."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

LARGEST = 4096
"""Bytes."""


class BadRequestError(ValueError):
    """What the browser sent cannot be used; the message tells why.

    Attributes:
        status: of the HTTP answer.
    """

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.status = status


async def read_message(request: Request, expected: dict[str, type]) -> dict[str, Any]:
    """The body as a JSON object with exactly these keys and types.

    Raises:
        BadRequestError: it is not; or it is larger than `LARGEST`, of which no more than that is read.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise BadRequestError(f"expected at most {LARGEST} bytes", 413)
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequestError("expected JSON") from error
    fits = isinstance(message, dict) and message.keys() == expected.keys()
    if not fits or not all(isinstance(message[key], kind) for key, kind in expected.items()):
        raise BadRequestError(f"expected an object with {', '.join(expected) or 'nothing in it'}")
    return dict(message)
