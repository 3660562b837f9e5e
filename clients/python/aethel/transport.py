"""How a call is made: the key, one idempotency key for all tries of a write, patience, and errors one can decide by."""

from __future__ import annotations

import json
import os
import random
import time
import urllib.error
import urllib.request
import uuid
from http.client import HTTPException
from typing import Any, Dict, Iterator, NamedTuple, Optional
from urllib.parse import quote as _quote
from urllib.parse import urlencode

from .errors import AethelError, failure

RETRIES = 3
TIMEOUT_SECONDS = 65.0
FIRST_WAIT_SECONDS = 0.2
#: Nobody waits longer than this between two tries, whatever the server asks.
LONGEST_WAIT_SECONDS = 30.0


class ServerEvent(NamedTuple):
    """One event of a stream."""

    id: str
    event: str
    data: Any


def quote(text: str) -> str:
    """A text as one part of a path."""
    return _quote(text, safe="")


class Transport:
    """One server and one key. Safe to share between threads."""

    def __init__(
        self,
        base_url: Optional[str] = None,
        key: Optional[str] = None,
        *,
        retries: int = RETRIES,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """`base_url` and `key` are AETHEL_URL and AETHEL_KEY of the environment when not given."""
        self.base_url = (base_url or os.environ.get("AETHEL_URL") or "http://127.0.0.1:3000").rstrip("/")
        self._key = key or os.environ.get("AETHEL_KEY") or ""
        self._retries = retries
        self._timeout = timeout_seconds

    @property
    def is_test_mode(self) -> bool:
        """Whether the key moves no real money."""
        return self._key.startswith("aethel_test_")

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Optional[Dict[str, Any]] = None,
        body: Any = None,
        idempotency_key: Optional[str] = None,
        idempotent: bool = False,
        text: bool = False,
    ) -> Any:
        """Makes one call and gives what it answered.

        Raises AethelError. A write goes out under one idempotency key however often it is tried.
        """
        headers = self._headers(body, text)
        if idempotent:
            headers["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
        tries = 0
        while True:
            try:
                with self._open(method, path, query, body, headers, self._timeout) as answer:
                    content = answer.read().decode()
                return content if text else (json.loads(content) if content else None)
            except (OSError, HTTPException) as error:
                refused = _failure(error)
            if tries >= self._retries or not refused.is_worth_another_try:
                raise refused
            time.sleep(_wait(refused, tries))
            tries += 1

    def events(self, path: str, *, query: Optional[Dict[str, Any]] = None) -> Iterator[ServerEvent]:
        """Follows a stream of events, and takes it up again where it broke off."""
        last, tries = "", 0
        while True:
            headers = {**self._headers(None, False), "Accept": "text/event-stream"}
            if last:
                headers["Last-Event-ID"] = last
            try:
                with self._open("GET", path, query, None, headers, self._timeout) as answer:
                    for event in _events(answer):
                        last, tries = event.id or last, 0
                        yield event
            except (OSError, HTTPException) as error:
                refused = _failure(error)
                if tries >= self._retries or not refused.is_worth_another_try:
                    raise refused from None
                time.sleep(_wait(refused, tries))
                tries += 1

    def _headers(self, body: Any, text: bool) -> Dict[str, str]:
        headers = {"Accept": "*/*" if text else "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        if body is not None:
            headers["Content-Type"] = "text/csv" if isinstance(body, str) else "application/json"
        return headers

    def _open(
        self,
        method: str,
        path: str,
        query: Optional[Dict[str, Any]],
        body: Any,
        headers: Dict[str, str],
        timeout: float,
    ) -> Any:
        given = {name: _written(value) for name, value in (query or {}).items() if value is not None}
        url = self.base_url + path + (f"?{urlencode(given)}" if given else "")
        data = None if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
        return urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=timeout)


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _failure(error: Exception) -> AethelError:
    if isinstance(error, urllib.error.HTTPError):
        with error:
            return failure(error.code, error.read().decode(errors="replace"), error.headers.get("Retry-After"))
    return failure(0, str(getattr(error, "reason", error)))


def _wait(error: AethelError, tries: int) -> float:
    # Full jitter: callers that failed together do not come back together.
    wait = error.retry_after_seconds
    return min(random.random() * FIRST_WAIT_SECONDS * 2 ** (tries + 1) if wait is None else wait, LONGEST_WAIT_SECONDS)


def _events(answer: Any) -> Iterator[ServerEvent]:
    fields: Dict[str, str] = {}
    for line in answer:
        line = line.decode().rstrip("\r\n")
        if line:
            name, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            fields[name] = f"{fields['data']}\n{value}" if name == "data" and "data" in fields else value
        elif fields:
            if "data" in fields:
                yield ServerEvent(fields.get("id", ""), fields.get("event", "message"), json.loads(fields["data"]))
            fields = {}
