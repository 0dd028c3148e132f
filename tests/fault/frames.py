"""frames.py FROM TO N: sends frames out of one interface until N of them have come in at another. Exit 1 after five seconds."""
import socket
import sys
import time

MARK = b"renga frames of the fault suite"
FRAME = b"\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01\x88\xb5" + MARK.ljust(64, b".")


def opened(name):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88B5))
    sock.bind((name, 0x88B5))
    sock.settimeout(0.01)
    return sock


def main():
    out, into, wanted = opened(sys.argv[1]), opened(sys.argv[2]), int(sys.argv[3])
    end = time.monotonic() + 5
    while wanted > 0 and time.monotonic() < end:
        out.send(FRAME)
        try:
            wanted -= MARK in into.recv(2048)
        except TimeoutError:
            pass
    return wanted > 0


if __name__ == "__main__":
    sys.exit(main())
