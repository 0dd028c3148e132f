"""wires.py: a box under test as its wires: frames go in by one side and come out by others. Two boxes play in step.

A step's packets go in; then markers that pass every box, through each pair of sides in turn. What came out by the time that
the last marker did is what became of the packets.
"""
import select
import socket
import struct
import time

PATIENCE = 5  # seconds, for a marker
MARK = b"oracle-marker-"


class Box:
    """name; sides: {side: interface}; hops: [(side, side, function of the marker's payload that makes the packet)].

    limits: the largest packet that can come by a side. macs: of the box by side, to which packets go. Neighbours are played:
    whoever is asked for by ARP or ND answers.
    """

    def __init__(self, name, sides, hops, limits):
        self.name, self.hops, self.limits, self.macs = name, hops, limits, {}
        self.sockets = {}
        for side, interface in sides.items():
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            s.bind((interface, 0))
            s.setsockopt(socket.SOL_SOCKET, 33, 1 << 23)  # SO_RCVBUFFORCE
            s.setblocking(False)
            self.sockets[side] = s
        self.came, self.count, self.hop, self.asked = [], 0, None, 0
        self.mark = None  # the last marker, as it came out
        self.ends, self.names = {}, {}  # of a NAT: ends outside by those inside, and their names

    def send(self, side, packet):
        kind = 0x86DD if packet[0] >> 4 == 6 else 0x0800
        self.frame(side, self.macs[side], b"\2\0\0\0\0" + bytes([list(self.sockets).index(side) + 0x10]), kind, packet)

    def frame(self, side, dst, src, kind, data):
        self.sockets[side].send(dst + src + struct.pack("!H", kind) + data)

    def marker(self):
        side, _, make = self.hops[self.hop]
        self.send(side, make(self, MARK + b"%s-%d-%d" % (self.name.encode(), self.count, self.hop)))

    def begin(self):
        self.came, self.hop, self.count = [], 0, self.count + 1
        self.marker()

    def take(self, side):
        """All frames that wait at a side. Markers lead to the next one, requests for neighbours are answered."""
        while True:
            try:
                data, where = self.sockets[side].recvfrom(65535)
            except BlockingIOError:
                return
            if where[2] != socket.PACKET_OUTGOING:
                self.got(side, data)

    def got(self, side, data):
        kind = struct.unpack("!H", data[12:14])[0]
        packet = data[14:]
        if kind == 0x0806:
            if packet[7] == 1:
                self.asked += 1
                mac = b"\2\0\0\0\1" + packet[27:28]
                self.frame(side, data[6:12], mac, kind, packet[:7] + b"\2" + mac + packet[24:28] + packet[8:18])
        elif kind == 0x86DD and packet[6] == 58 and packet[40] in range(130, 137) or kind == 0x86DD and packet[6] == 0:
            if packet[40] == 135 and packet[8:24] != bytes(16):
                self.asked += 1
                self.advertise(side, data[6:12], packet)
        elif kind in (0x0800, 0x86DD):
            if MARK in packet:
                self.marked(side, packet)
            else:
                self.came.append((side, trimmed(packet)))

    def advertise(self, side, to, request):
        from packet import ICMP6, icmp, ip, text_of
        target = request[48:64]
        mac = b"\2\0\0\0\2" + target[15:16]
        answer = ip(text_of(target), text_of(request[8:24]), icmp(136, 0, b"\x60\0\0\0", target + b"\2\1" + mac, ICMP6), ttl=255)
        self.frame(side, to, mac, 0x86DD, answer)

    def marked(self, side, packet):
        wanted = MARK + b"%s-%d-%d" % (self.name.encode(), self.count, -1 if self.hop is None else self.hop)
        if self.hop is None or not packet.endswith(wanted) or side != self.hops[self.hop][1]:
            return
        self.mark = packet
        self.hop += 1
        if self.hop == len(self.hops):
            self.hop = None
        else:
            self.marker()


def trimmed(packet):
    """Without Ethernet padding."""
    size = struct.unpack("!H", packet[2:4])[0] if packet[0] >> 4 == 4 else 40 + struct.unpack("!H", packet[4:6])[0]
    return packet[:size]


def play(boxes, packets):
    """Sends the packets [(side, bytes or function of the box)] into each box; {box: [(side, packet)]} of what came out, or
    None if a marker did not."""
    for box in boxes:
        for side, packet in packets:
            made = packet(box) if callable(packet) else packet
            if made and len(made) <= box.limits.get(side, 1500):
                box.send(side, made)
        box.begin()
    return wait(boxes)


def wait(boxes, patience=PATIENCE):
    where = {s: (box, side) for box in boxes for side, s in box.sockets.items()}
    end = time.monotonic() + patience
    while any(box.hop is not None for box in boxes):
        left = end - time.monotonic()
        if left <= 0:
            return None
        for s in select.select(list(where), [], [], left)[0]:
            box, side = where[s]
            box.take(side)
    return {box: box.came for box in boxes}
