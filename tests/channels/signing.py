"""The provider's signature, written a second time from its documentation, to hold ours against.

https://www.twilio.com/docs/usage/security#validating-requests: the full URL, then every POST
parameter sorted by name, name and value without delimiters, HMAC-SHA1 with the token, base64.
"""

import base64
import hashlib
import hmac


def sign(token: str, url: str, pairs: list[tuple[str, str]]) -> str:
    text = url
    for name, value in sorted(set(pairs)):
        text += name + value
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), hashlib.sha1)).decode()


def sign_body(token: str, url: str) -> str:
    """For bodies that are no form: their hash stands in the URL, which alone is signed."""
    return sign(token, url, [])
