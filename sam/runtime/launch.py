"""Become another program that cannot outlive its supervisor. Run as a file, so that nothing else is imported.

Usage: launch.py PARENT SIGNAL UID GID PROGRAM [ARGUMENT ...]

PARENT is the supervisor's process id and SIGNAL what the program gets when the supervisor dies (Linux only);
UID and GID are the numbers to run as, or "-" to stay who we are.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int, number: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    # The parent may have died before the line above took effect.
    if os.getppid() != parent:
        sys.exit(1)


def become(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def main(arguments: list[str]) -> None:
    parent, number, uid, gid, *command = arguments
    if uid != "-":
        become(int(uid), int(gid))
    # After the change of user, which would clear it.
    die_with_parent(int(parent), int(number))
    os.umask(0o077)
    try:
        os.execvp(command[0], command)
    except OSError as problem:
        sys.exit(f"{command[0]}: {problem.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
