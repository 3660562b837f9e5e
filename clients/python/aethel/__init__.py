"""Client of the Aethel API: typed calls, idempotent retries, errors one can decide by."""

from .errors import (
    AethelError,
    AuthenticationError,
    ConflictError,
    ConnectionFailed,
    InsufficientCreditsError,
    InvalidRequestError,
    NotAllowedError,
    NotFoundError,
    PaymentRequiredError,
    RateLimitError,
    UnavailableError,
)
from .generated import Aethel
from .transport import ServerEvent

__all__ = [
    "Aethel",
    "AethelError",
    "AuthenticationError",
    "ConflictError",
    "ConnectionFailed",
    "InsufficientCreditsError",
    "InvalidRequestError",
    "NotAllowedError",
    "NotFoundError",
    "PaymentRequiredError",
    "RateLimitError",
    "ServerEvent",
    "UnavailableError",
]
