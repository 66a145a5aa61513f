"""Which addresses are public: nothing of ours is sent to, or fetched from, the others because a stranger named them."""

from __future__ import annotations

import ipaddress

_NAT64 = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48")))  # RFC 6052, RFC 8215
_LAST_32_BITS = 0xFFFF_FFFF


def is_public(address: str) -> bool:
    """Whether an address is a public one, and every address of IPv4 that is packed into it as well."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv4Address):
        return found.is_global
    packed = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
    if any(found in network for network in _NAT64) or int(found) <= _LAST_32_BITS:
        packed.append(ipaddress.IPv4Address(int(found) & _LAST_32_BITS))
    inner = [one for one in packed if one is not None]
    if not inner:
        return found.is_global
    return all(one.is_global for one in inner)
