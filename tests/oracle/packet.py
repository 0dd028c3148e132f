"""packet.py: IP packets built, taken apart and put together again, as bytes. Nothing of the project's own packet code.
"""
import collections
import socket
import struct

ICMP, TCP, UDP, GRE, ICMP6, FRAGMENT = 1, 6, 17, 47, 58, 44
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
ERRORS4, ERRORS6 = (3, 4, 5, 11, 12), (1, 2, 3, 4)


def family(packet):
    return packet[0] >> 4


def address(text):
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def text_of(raw):
    return socket.inet_ntop(socket.AF_INET6 if len(raw) == 16 else socket.AF_INET, raw)


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


# ---- layers, from the inside out: an l4 is (protocol, bytes without checksum, offset of the checksum) ----

def tcp(sport, dport, flags, seq=0, ack=0, window=8192, options=b"", data=b""):
    options += b"\1" * (-len(options) % 4)
    head = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, (20 + len(options)) << 2, flags, window, 0, 0)
    return TCP, head + options + data, 16


def udp(sport, dport, data=b"", length=None):
    return UDP, struct.pack("!HHHH", sport, dport, 8 + len(data) if length is None else length, 0) + data, 6


def icmp(kind, code, rest=b"\0" * 4, data=b"", proto=ICMP):
    return proto, struct.pack("!BBH", kind, code, 0) + rest + data, 2


def echo(ident, seq, data=b"", reply=False, proto=ICMP):
    kind = (0 if reply else 8) if proto == ICMP else (129 if reply else 128)
    return icmp(kind, 0, struct.pack("!HH", ident, seq), data, proto)


def other(proto, data):
    return proto, data, None


def ip(src, dst, l4, ttl=64, ident=0, tos=0, df=False, options=b"", spoil=None, extension=b""):
    """A whole packet. spoil: "l4" or "ip", the checksum that is made wrong; "none": UDP without one."""
    proto, data, at = l4
    src, dst = address(src), address(dst)
    if at is not None and spoil != "none":
        if proto == ICMP:
            value = checksum(data)
        else:
            value = checksum(src + dst + (struct.pack("!BBH", 0, proto, len(data)) if len(src) == 4
                                          else struct.pack("!IHBB", len(data), 0, 0, proto)) + data)
        if proto == UDP and value == 0:
            value = 0xFFFF
        if spoil == "l4":
            value ^= 0x5555
        data = data[:at] + struct.pack("!H", value) + data[at + 2:]
    if len(src) == 16:
        return struct.pack("!IHBB", 6 << 28 | tos << 20, len(extension) + len(data), extension_first(extension, proto), ttl) + src + dst + extension + data
    return head4(src, dst, proto, len(data), ttl, ident, tos, 0x4000 if df else 0, options, spoil == "ip") + data


def extension_first(extension, proto):
    return proto if not extension else 60  # destination options alone


def dstopts(proto):
    return bytes([proto, 0, 1, 4, 0, 0, 0, 0])


def head4(src, dst, proto, size, ttl, ident, tos, frag, options=b"", spoil=False):
    options += b"\0" * (-len(options) % 4)
    head = struct.pack("!BBHHHBBH4s4s", 0x45 + len(options) // 4, tos, 20 + len(options) + size, ident, frag, ttl, proto, 0, src, dst) + options
    value = checksum(head) ^ (0x1111 if spoil else 0)
    return head[:10] + struct.pack("!H", value) + head[12:]


def error(src, dst, kind, code, about, rest=b"\0" * 4, quote=None, **how):
    """An ICMP error about a packet."""
    return ip(src, dst, icmp(kind, code, rest, about[:quote], ICMP if ":" not in src else ICMP6), **how)


def fragments(packet, size, ident, shift=0):
    """The packet in pieces of size bytes (a multiple of 8); each but the first begins shift bytes early."""
    head, body = (packet[:(packet[0] & 15) * 4], packet[(packet[0] & 15) * 4:]) if family(packet) == 4 else (packet[:40], packet[40:])
    pieces = []
    for at in range(0, len(body), size):
        begin = max(0, at - shift) if at else 0
        piece, more = body[begin:at + size], at + size < len(body)
        if family(packet) == 4:
            pieces.append(head4(head[12:16], head[16:20], head[9], len(piece), head[8], ident, head[1], (0x2000 if more else 0) | begin // 8, head[20:]) + piece)
        else:
            frag = struct.pack("!BBHI", head[6], 0, begin | more, ident)
            pieces.append(head[:4] + struct.pack("!HB", len(frag) + len(piece), FRAGMENT) + head[7:] + frag + piece)
    return pieces


# ---- taken apart ----

Parts = collections.namedtuple("Parts", "src dst proto ttl tos ident df frag options l4 good")


def parts(packet):
    """The headers of a whole packet; good: the names of its wrong lengths and checksums, none if it is sound."""
    if family(packet) == 4:
        size, total = (packet[0] & 15) * 4, struct.unpack("!H", packet[2:4])[0]
        src, dst, proto, l4 = packet[12:16], packet[16:20], packet[9], packet[size:total]
        frag = struct.unpack("!H", packet[6:8])[0]
        bad = (["ip checksum"] if checksum(packet[:size]) else []) + (["length"] if total > len(packet) else [])
        known = Parts(text_of(src), text_of(dst), proto, packet[8], packet[1], struct.unpack("!H", packet[4:6])[0], bool(frag & 0x4000),
                      frag & 0x3FFF, packet[20:size], l4, bad)
    else:
        first, size, proto, ttl = struct.unpack("!IHBB", packet[:8])
        src, dst, l4, frag, ident, options = packet[8:24], packet[24:40], packet[40:40 + size], 0, 0, b""
        bad = ["length"] if size + 40 > len(packet) else []
        while proto in (0, 43, 60) and len(l4) >= 8:
            used = 8 + l4[1] * 8
            proto, options, l4 = l4[0], options + l4[:used], l4[used:]
        if proto == FRAGMENT:
            proto, _, frag, ident = struct.unpack("!BBHI", l4[:8])
            l4 = l4[8:]
        known = Parts(text_of(src), text_of(dst), proto, ttl, first >> 20 & 0xFF, ident, False, frag, options, l4, bad)
    if not known.frag and not l4_good(src, dst, known.proto, known.l4):
        bad.append("checksum")
    return known


def l4_good(src, dst, proto, l4):
    if proto == ICMP:
        return checksum(l4) == 0
    if proto not in (TCP, UDP, ICMP6) or proto == UDP and len(src) == 4 and l4[6:8] == b"\0\0":
        return True
    return checksum(src + dst + (struct.pack("!BBH", 0, proto, len(l4)) if len(src) == 4 else struct.pack("!IHBB", len(l4), 0, 0, proto)) + l4) == 0


def is_error(known):
    return known.proto == ICMP and known.l4[:1] and known.l4[0] in ERRORS4 or known.proto == ICMP6 and known.l4[:1] and known.l4[0] in ERRORS6


def reassemble(packets):
    """Whole packets in the order in which they were complete; what never is falls out. Overlaps must agree."""
    whole, waiting = [], {}
    for packet in packets:
        known = parts(packet)
        more, offset = (known.frag & 0x2000, (known.frag & 0x1FFF) * 8) if family(packet) == 4 else (known.frag & 1, known.frag & ~7)
        if not known.frag:
            whole.append(packet)
            continue
        key = known.src, known.dst, known.proto if family(packet) == 4 else 0, known.ident
        have = waiting.setdefault(key, {})
        have[offset] = (packet, known.l4, bool(more))
        body, at = b"", 0
        while at in have and have[at][2]:
            body += have[at][1]
            at += max(1, len(have[at][1]))
        if at in have:
            body += have[at][1]
            first = have[0][0]
            del waiting[key]
            if family(first) == 4:
                size = (first[0] & 15) * 4
                whole.append(head4(first[12:16], first[16:20], first[9], len(body), first[8], known.ident, first[1], 0, first[20:size]) + body)
            else:
                whole.append(first[:4] + struct.pack("!HB", len(body), parts(first).proto) + first[7:40] + body)
    return whole


NAMES = {ICMP: "icmp", TCP: "tcp", UDP: "udp", ICMP6: "icmp6"}


def describe(packet):
    """A packet as a line for people."""
    known = parts(packet)
    line = f"{known.src} > {known.dst} {NAMES.get(known.proto, known.proto)} ttl {known.ttl}"
    if known.tos:
        line += f" tos {known.tos:#x}"
    if known.frag:
        return line + f" fragment {known.frag:#x} id {known.ident} + {len(known.l4)}"
    if known.proto == TCP and len(known.l4) >= 20:
        sport, dport, seq, ack, off, flags, window = struct.unpack("!HHIIBBH", known.l4[:16])
        line += f" {sport} > {dport} " + "".join(c for i, c in enumerate("FSRPAU") if flags >> i & 1) + f" seq {seq} ack {ack} win {window} + {len(known.l4) - (off >> 2)}"
    elif known.proto == UDP and len(known.l4) >= 8:
        line += " {} > {} + {}".format(*struct.unpack("!HH", known.l4[:4]), len(known.l4) - 8)
    elif known.proto in (ICMP, ICMP6) and len(known.l4) >= 8:
        line += f" {known.l4[0]}/{known.l4[1]} {known.l4[4:8].hex()}"
        if is_error(known) and len(known.l4) >= 28:
            line += f" about {len(known.l4) - 8} bytes of [{describe_cut(known.l4[8:])}]"
        else:
            line += f" + {len(known.l4) - 8}"
    return line + (f" BAD: {', '.join(known.good)}" if known.good else "")


def describe_cut(quote):
    try:
        known = parts(quote)
        return f"{known.src} > {known.dst} {NAMES.get(known.proto, known.proto)} ttl {known.ttl} {known.l4[:8].hex()}"
    except (struct.error, IndexError, ValueError):
        return quote.hex()
