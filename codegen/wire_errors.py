"""Errors of OpenAI's and Anthropic's clients in words that say what to do. Both are made by one generator, so their
exceptions have the same names; the module of the client is given.

Invariant: neither the key nor what an address says of a user appears.
"""

from __future__ import annotations

import email.utils
import time
from collections.abc import Mapping
from typing import Any

from .proposal import ModelSettings
from .provider import Failed

#: Characters from which on a key is one: a server that needs none is sent the word "none".
SHORTEST_KEY = 5


def readable(sdk: Any, error: Exception, settings: ModelSettings, key_name: str, *, began: bool) -> Failed:
    """``error`` of the client ``sdk`` as a Failed. ``began``: some of the answer had come. ``key_name`` is the
    environment's name of the key."""
    where, model = settings.address, settings.model
    said = hide_key(str(getattr(error, "message", error)), settings)[:200]
    if isinstance(error, sdk.APITimeoutError):
        return Failed("timeout", f"{where} did not answer in time", "try again, or a faster model")
    if isinstance(error, sdk.APIConnectionError):
        if began:
            return Failed("broken", "the answer broke off before its end", "try again")
        cause = f": {error.__cause__}" if error.__cause__ is not None else ""
        hint = f"check {key_name.replace('_API_KEY', '_BASE_URL')} and the network"
        return Failed("unreachable", f"{where} cannot be reached{hide_key(cause, settings)}", hint)
    if isinstance(error, (sdk.AuthenticationError, sdk.PermissionDeniedError)):
        return Failed("key", f"{where} refuses the key", f"check {key_name}")
    if isinstance(error, sdk.NotFoundError):
        return Failed("model", f"{where} does not know the model {model}", "set SUTURE_MODEL to one that it serves")
    if isinstance(error, sdk.RateLimitError):
        wait = retry_after(getattr(getattr(error, "response", None), "headers", {}))
        hint = f"try again in {wait:.0f} s" if wait is not None else "try again later"
        return Failed("rate", f"{where} limits the rate of requests: {said}", hint, retry_after=wait)
    if isinstance(error, sdk.InternalServerError):
        wait = retry_after(getattr(getattr(error, "response", None), "headers", {}))
        status = getattr(error, "status_code", 500)
        return Failed("server", f"{where} failed (status {status})", "try again later", retry_after=wait)
    if isinstance(error, sdk.APIStatusError):
        return Failed("request", f"{where} refuses the request: {said}", "check the model's name and its limits")
    return Failed("unreadable", f"the answer of {where} cannot be read: {said}", "try again")


def hide_key(text: str, settings: ModelSettings) -> str:
    return text.replace(settings.api_key, "<key>") if len(settings.api_key) >= SHORTEST_KEY else text


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds to wait, from ``retry-after-ms`` or ``Retry-After`` (seconds or a date, RFC 9110 10.2.3)."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            return max(0.0, float(value) / unit)
        except ValueError:
            pass  # a date
        try:
            moment = email.utils.parsedate_to_datetime(value)
        except ValueError:
            continue
        return max(0.0, moment.timestamp() - (time.time() if now is None else now))
    return None
