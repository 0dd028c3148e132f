"""world.py: what a box of each type is asked to do, and how what comes out of two of them is made comparable.

A world knows the sides, the addresses and the ends of flows; a flow is a client inside (or left) and a server beyond. What a
box may choose freely (ports outside, identification of what it originates) gets a name that is the same for both.
"""
import dataclasses
import struct

from packet import ICMP, ICMP6, TCP, UDP, ip, is_error, parts, reassemble, text_of, udp

MARKER_PORT = 5999


@dataclasses.dataclass
class Step:
    note: str
    packets: list  # [(side, bytes or function of the box)]
    tags: frozenset = frozenset()


class World:
    """A transparent or routing box: what goes in comes out with the addresses that it had."""
    inside, outside = "left", "right"
    clients, servers = [], []  # addresses, both families
    lowers_ttl = ()  # names of the boxes that take one off the TTL
    keeps_ident, transparent = True, False
    sides, limits = ["left", "right"], {}
    gateways = {}  # {side: the box's address there}, the kernel's alone if ours is transparent

    def warm_up(self):
        """Packets that make each neighbour known: both ways between any two hosts."""
        for client in self.clients:
            for server in self.servers:
                if (":" in client) == (":" in server):
                    yield self.inside, ip(client, server, udp(MARKER_PORT, MARKER_PORT, b"warm"))
                    yield self.outside, ip(server, client, udp(MARKER_PORT, MARKER_PORT, b"warm"))

    def seen(self, box, proto, client, port):
        """The end that the other side knows a client's end by; None: none yet."""
        return client, port

    def learn(self, box, side, packet, step):
        pass

    def named(self, box, address, proto, port):
        """An end as it is compared."""
        return address, port

    # ---- what came out, made comparable ----

    def form(self, box, side, packet, sent_from):
        known = parts(packet)
        made = side == sent_from
        ttl = known.ttl + (1 if box.name in self.lowers_ttl and not made else 0)
        src, dst, l4 = self.ends(box, known, made)
        tos = None if made and is_error(known) and known.proto == ICMP6 else known.tos
        ident = known.ident if self.keeps_ident and not made and len(packet) and packet[0] >> 4 == 4 else None
        return (side, self.source(src, made, known), dst, known.proto, ttl, tos, None if made else known.df, ident, known.options,
                l4, tuple(known.good))

    def source(self, src, made, known):
        return src

    def ends(self, box, known, made):
        """Addresses, and the l4 with its checksum taken out and its ports named."""
        src, dst, l4 = known.src, known.dst, known.l4
        if known.frag & 0x1FFF or len(l4) < 8:
            return self.named(box, src, known.proto, None)[0], self.named(box, dst, known.proto, None)[0], l4
        if is_error(known):
            return self.named(box, src, known.proto, None)[0], self.named(box, dst, known.proto, None)[0], (l4[:2], l4[4:8], self.quote(box, l4[8:], made))
        if known.proto in (TCP, UDP):
            sport, dport = struct.unpack("!HH", l4[:4])
            (src, sport), (dst, dport) = self.named(box, src, known.proto, sport), self.named(box, dst, known.proto, dport)
            at = 16 if known.proto == TCP else 6
            none = known.proto == UDP and l4[6:8] == b"\0\0"
            return src, dst, (sport, dport, none, l4[4:at] + l4[at + 2:])
        if known.proto in (ICMP, ICMP6) and l4[0] in (0, 8, 128, 129):
            ident = struct.unpack("!H", l4[4:6])[0]
            (src, first), (dst, second) = self.named(box, src, known.proto, ident), self.named(box, dst, known.proto, ident)
            return src, dst, (l4[:2], first if first != ident else second, l4[6:])
        return self.named(box, src, known.proto, None)[0], self.named(box, dst, known.proto, None)[0], l4[:2] + l4[4:]

    def quote(self, box, quote, made):
        """A packet in an ICMP error: how much of it there is, its ends, and its header's checksum."""
        if not quote or len(quote) < (20 if quote[0] >> 4 == 4 else 40):
            return quote
        head = (quote[0] & 15) * 4 if quote[0] >> 4 == 4 else 40
        at = 12 if quote[0] >> 4 == 4 else 8
        size = 4 if at == 12 else 16
        src, dst = text_of(quote[at:at + size]), text_of(quote[at + size:at + 2 * size])
        proto, l4 = quote[9 if at == 12 else 6], quote[head:]
        sport = dport = None
        if proto in (TCP, UDP) and len(l4) >= 4:
            sport, dport = struct.unpack("!HH", l4[:4])
        elif proto in (ICMP, ICMP6) and len(l4) >= 6:
            sport = dport = struct.unpack("!H", l4[4:6])[0]
        (src, sport), (dst, dport) = self.named(box, src, proto, sport), self.named(box, dst, proto, dport)
        return len(quote), src, dst, proto, sport, dport, (quote[8] if at == 12 else quote[7]) + (1 if made and box.name in self.lowers_ttl else 0), l4[6 if proto in (ICMP, ICMP6) else 4:6], l4[8:] and len(l4[8:])

    def forms(self, box, came, sent_from):
        by_side = {}
        for side, packet in came:
            by_side.setdefault(side, []).append(packet)
        return sorted((self.form(box, side, packet, sent_from) for side, all_of in by_side.items() for packet in reassemble(all_of)), key=repr)


class Flow:
    """What one client and one server may send each other."""

    def __init__(self, world, client, server, cport, sport):
        self.world, self.client, self.server, self.cport, self.sport = world, client, server, cport, sport

    def up(self, l4, **how):
        return self.world.inside, ip(self.client, self.server, l4, **how)

    def down(self, proto, make, **how):
        """make(port of the client, as the server knows it) is the l4."""
        def made(box):
            end = self.world.seen(box, proto, self.client, self.cport)
            return end and ip(self.server, end[0], make(end[1]), **how)
        return self.world.outside, made

    def down_about(self, proto, about, make):
        """make(packet, address of its sender) of a packet of the client's as the server got it: about(address, port)."""
        def made(box):
            end = self.world.seen(box, proto, self.client, self.cport)
            return end and make(about(*end), end[0])
        return self.world.outside, made


