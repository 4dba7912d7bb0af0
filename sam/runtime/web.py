"""The web address: is the port free, does the product answer."""

import errno
import http.client
import socket

IPV4, IPV6 = "127.0.0.1", "::1"


def has_ipv6() -> bool:
    """Whether the loopback address of IPv6 exists here; many containers have none."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind((IPV6, 0))
    except OSError:
        return False
    return True


def port_is_free(port: int) -> bool:
    """Whether both loopback addresses of the port can be had."""
    return _can_bind(socket.AF_INET, IPV4, port) and (not has_ipv6() or _can_bind(socket.AF_INET6, IPV6, port))


def next_free_port(port: int) -> int:
    return next((other for other in range(port + 1, min(port + 200, 65536)) if port_is_free(other)), 0)


def port_problem(port: int) -> str | None:
    """Why the port cannot be used and what to type instead; None when it can."""
    if port_is_free(port):
        return None
    why = "needs root" if port < 1024 and _refused(port) else "is used by another program"
    return f"Port {port} {why}. Type: PORT={next_free_port(max(port, 1023))} script/run"


def answer(port: int, path: str, timeout: float = 5.0) -> tuple[int, str]:
    """Status and text of a page, or (0, reason) while nobody answers."""
    connection = http.client.HTTPConnection(IPV4, port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{port}"})
        response = connection.getresponse()
        return response.status, response.read(10_000).decode(errors="replace")
    except (OSError, http.client.HTTPException) as problem:
        return 0, str(problem)
    finally:
        connection.close()


def _can_bind(family: socket.AddressFamily, address: str, port: int) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # A port that was just given back is free, as the web server sees it.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def _refused(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((IPV4, port))
        except OSError as problem:
            return problem.errno == errno.EACCES
    return False
