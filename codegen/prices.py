"""What a call may cost, before it is made, and what it did cost.

Prices are those of the installed ``genai-prices`` table; nothing is downloaded. A model that the table does not know
has no price, and says so: None is not 0.
"""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass
from urllib.parse import urlsplit

#: Tokens for ``n`` bytes of text, estimated high: English has about four bytes a token, code about three.
_BYTES_PER_TOKEN = 2.7

#: Tokens of overhead a message.
_OVERHEAD = 12


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens in and out; ``measured`` if the server said so, else estimated from the text."""

    input: int
    output: int
    measured: bool = False


def estimated_tokens(*texts: str) -> int:
    return sum(math.ceil(len(text.encode("utf-8", "surrogatepass")) / _BYTES_PER_TOKEN) + _OVERHEAD for text in texts)


def price(usage: Usage, model: str, base_url: str) -> float | None:
    """US dollars, or None if the price is not known. A server on this machine or in a private network has none."""
    if is_local(base_url):
        return None
    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    tokens = Tokens(input_tokens=usage.input, output_tokens=usage.output)
    try:
        return float(calc_price(tokens, model_ref=model, provider_api_url=base_url).total_price)
    except (LookupError, ValueError):
        pass  # not in the table under this address
    try:  # a gateway in front of a known model
        return float(calc_price(tokens, model_ref=model).total_price)
    except (LookupError, ValueError):
        return None


def is_local(base_url: str) -> bool:
    """Whether an endpoint is on this machine or in a private network, by its name alone."""
    host = (urlsplit(base_url).hostname or "").lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
    return address.is_private or address.is_loopback
