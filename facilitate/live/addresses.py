"""On which addresses phones in the same network can reach this machine."""

import ipaddress
import socket
from urllib.parse import urlsplit

import ifaddr


def addresses() -> list[str]:
    """IPv4 addresses of this machine that others may reach, the most likely first; never loopback or link-local."""
    found = [
        str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4 and _reachable(str(ip.ip))
    ]
    first = _outgoing()
    return sorted(set(found), key=lambda address: (address != first, not _private(address), address))


def _reachable(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    return not (ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified)


def _private(address: str) -> bool:
    return ipaddress.ip_address(address).is_private


def _outgoing() -> str | None:
    """The address of the interface with the default route; connecting a datagram socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


def public_url(host: str, port: int) -> str:
    """What phones should open, when nobody has configured it: a LAN address where there is one."""
    if host in ("", "0.0.0.0", "::"):
        host = next(iter(addresses()), "localhost")
    return f"http://{host}" if port == 80 else f"http://{host}:{port}"


def place_of(url: str) -> str:
    """The host and port in an address; nothing where it is none."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""
