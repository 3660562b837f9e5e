"""What can go wrong, as types one can catch. `code` is the server's stable word; a program decides by it."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional, Type

_WORTH_ANOTHER_TRY = {0, 408, 425, 429, 500, 502, 503, 504}
#: The first try is still being worked on: a later one gets its answer.
_IN_PROGRESS = "request_in_progress"


class AethelError(Exception):
    """A call that did not succeed.

    `status` is the HTTP status, 0 when no answer came; `problem` is the whole answer: some refusals say more, such as
    where to pay. Quote `request_id` when asking for help.
    """

    def __init__(self, status: int, problem: Dict[str, Any], retry_after_seconds: Optional[float] = None) -> None:
        self.status = status
        self.problem = problem
        self.code: str = problem.get("code") or "unknown"
        self.detail: str = problem.get("detail") or problem.get("message") or f"the server answered {status}"
        self.request_id: Optional[str] = problem.get("request_id")
        self.field: Optional[str] = problem.get("field")
        self.retry_after_seconds = retry_after_seconds
        super().__init__(self.detail)

    @property
    def is_worth_another_try(self) -> bool:
        """Whether the same call, with the same idempotency key, may succeed later."""
        return self.status in _WORTH_ANOTHER_TRY or (self.status == 409 and self.code == _IN_PROGRESS)


class ConnectionFailed(AethelError):
    """No answer came: whether the call took effect is not known, and its idempotency key finds out."""


class AuthenticationError(AethelError):
    """The key is missing, malformed, unknown, expired or revoked."""


class NotAllowedError(AethelError):
    """The key may not do this."""


class NotFoundError(AethelError):
    """Not there, or not yours."""


class PaymentRequiredError(AethelError):
    """Too few credits, a budget that is used up, or money that must be paid first."""


class InsufficientCreditsError(PaymentRequiredError):
    """Too few credits."""


class ConflictError(AethelError):
    """It contradicts what already is: most often an idempotency key that was sent with another request."""


class InvalidRequestError(AethelError):
    """The request cannot be read, or says something it may not say."""


class RateLimitError(AethelError):
    """Too many calls; `retry_after_seconds` says when to come back."""


class UnavailableError(AethelError):
    """Nothing is wrong with the request: the server cannot answer now."""


_KINDS: Dict[int, Type[AethelError]] = {
    0: ConnectionFailed,
    400: InvalidRequestError,
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: NotAllowedError,
    404: NotFoundError,
    409: ConflictError,
    413: InvalidRequestError,
    415: InvalidRequestError,
    422: InvalidRequestError,
    429: RateLimitError,
}


def failure(status: int, text: str, retry_after: Optional[str] = None) -> AethelError:
    """The error for an answer; of several by its code."""
    problem = _problem(status, text)
    kind = _KINDS.get(status, UnavailableError if status >= 500 else AethelError)
    if status == 402 and problem.get("code") == "insufficient_credits":
        kind = InsufficientCreditsError
    try:
        seconds = None if retry_after is None else float(retry_after)
    except ValueError:
        seconds = None
    return kind(status, problem, seconds)


def _problem(status: int, text: str) -> Dict[str, Any]:
    if status == 0:
        return {"code": "no_answer", "detail": f"no answer came: {text}"}
    try:
        value = json.loads(text)
    except ValueError:
        # Something between us and the server answered in its own words.
        value = None
    if isinstance(value, dict):
        return value
    return {"status": status, "code": "unknown", "detail": text[:200] or f"the server answered {status}"}
