"""wire.py: one process at several hosts of a system test: sockets and raw frames, and the checks made with them.

tests/lib/system.sh runs scripts with these names (function `wire`). A check prints "ok NAME" or "not ok NAME"
with lines of "# why". What must not arrive is judged by a later packet that does, never by a time.
"""
import ctypes
import logging
import os
import select
import socket
import time
from contextlib import contextmanager

logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.all import *  # noqa: F401,F403 - a script writes packets with scapy's names

PATIENCE = 5  # seconds: for what must come
MARKER = 0x88B5  # EtherType for experiments
_libc = ctypes.CDLL(None, use_errno=True)
_home = os.open("/proc/self/ns/net", os.O_RDONLY)
_count = 0


@contextmanager
def at(host):
    """What is opened inside belongs to that host."""
    ns = os.open(f"/run/netns/{os.environ['T_HOSTS']}-{host}", os.O_RDONLY)
    if _libc.setns(ns, 0):
        raise OSError(ctypes.get_errno(), "setns")
    try:
        yield
    finally:
        _libc.setns(_home, 0)
        os.close(ns)


def bound(host, kind, address, port=0):
    """A socket of a host: kind tcp (listening) or udp."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with at(host):
        s = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, port))
    s.settimeout(PATIENCE)
    if kind == "tcp":
        s.listen()
    return s


def connect(host, source, to, seconds=PATIENCE):
    """A TCP connection from a host, or the error."""
    with at(host):
        s = socket.socket(socket.AF_INET6 if ":" in source else socket.AF_INET)
    s.bind((source, 0))
    s.settimeout(seconds)
    try:
        s.connect(to)
    except OSError as e:
        return e
    return s


class Wire:
    """Frames at an interface of a host."""

    def __init__(self, host, interface="eth0"):
        with at(host):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            self.socket.bind((interface, 0))
        self.mac = self.socket.getsockname()[4].hex(":")
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 1 << 23)  # SO_RCVBUFFORCE

    def send(self, *packets):
        for p in packets:
            self.socket.send(bytes(p))

    def next(self, wanted, seconds=PATIENCE):
        """The next frame of which wanted() is true; None if none comes in time."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                return None
            data, address = self.socket.recvfrom(65535)
            if address[2] == socket.PACKET_OUTGOING:
                continue
            frame = Ether(data)
            if wanted(frame):
                return frame

    def all(self, wanted, until, seconds=PATIENCE):
        """The frames of which wanted() is true that come before one of which until() is; None if that never comes."""
        found = []
        last = self.next(lambda p: until(p) or (wanted(p) and found.append(p)), seconds)
        return found if last is not None else None

    def drain(self):
        while select.select([self.socket], [], [], 0)[0]:
            self.socket.recv(65535)


def check(name, condition, *why):
    print(("ok " if condition else "not ok ") + name)
    if not condition:
        for line in why:
            print("# " + str(line).replace("\n", "\n# "))
    sys.stdout.flush()
    return bool(condition)


def same(name, wanted, got):
    return check(name, wanted == got, f"wanted: {wanted!r:.300}", f"got:    {got!r:.300}")


def unique():
    """Bytes that no other packet of this run has."""
    global _count
    _count += 1
    return b"renga-%d-%06d." % (os.getpid(), _count)


def marker(a, b):
    """A frame that is not IP, from one wire to another."""
    return Ether(src=a.mac, dst=b.mac, type=MARKER) / Raw(unique().ljust(46))


def carried(a, b, packet, by=marker):
    """Sends it, and something behind it that passes: the frame that came out at b with the packet's payload, or None."""
    token = unique()
    last = by(a, b)
    a.send(packet / Raw(token), last)
    found = b.all(lambda p: token in bytes(p), lambda p: bytes(last[Raw])[:20] in bytes(p))
    if found is None:
        raise TimeoutError("the marker did not arrive")
    return found[0] if found else None
