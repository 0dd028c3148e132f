"""differences.py: where a box of ours and Linux may differ, each with the clause that says why ours is right.

Every other difference fails the test. An entry names the worlds it holds for, the steps (by their tags) and what just these
two may do; how often each was met is printed, so that one that is no longer needed is seen.
"""
import collections

Difference = collections.namedtuple("Difference", "name clause worlds tags what")


def ours_passes(ours, kernel):
    return len(ours) == 1 and not kernel


def ours_passes6(ours, kernel):
    return ours_passes(ours, kernel) and told(ours) and ours[0][9][0] in (b"\x02\x00", b"\x03\x00", b"\x04\x01", b"\x04\x02")


def ours_is_silent(ours, kernel):
    return not ours


def ours_tells_prohibited(ours, kernel):
    return told(ours) and len(ours) == 1 and not kernel and ours[0][9][0] == b"\x03\x0d"


def ours_drops(ours, kernel):
    return not ours and len(kernel) == 1


def same_but(ours, kernel, index):
    return len(ours) == len(kernel) == 1 and ours[0][:index] == kernel[0][:index] and ours[0][index + 1:] == kernel[0][index + 1:]


def other_options(ours, kernel):
    return same_but(ours, kernel, 8) or len(ours) == len(kernel) == 1 and "ip checksum" not in ours[0][-1] and ours[0][:5] == kernel[0][:5]


def ours_tells(ours, kernel):
    return told(ours) and len(ours) == 1 and not kernel and ours[0][9][0] == b"\x03\x03"


def another_source4(ours, kernel):
    return same_but(ours, kernel, 1) and "." in ours[0][1]


def another_tos(ours, kernel):
    return same_but(ours, kernel, 5) and ours[0][5] == 0xC0


def shorter_quote(ours, kernel):
    """Both told the sender; the same but for how much is quoted, and in IPv6 the fragment header."""
    def head(form):
        return form[:9], form[9][:2], form[9][2][1:3]
    return len(ours) == len(kernel) and told(ours) and told(kernel) and [head(form) for form in ours] == [head(form) for form in kernel]


def told(forms):
    """Nothing but ICMP errors."""
    return len(forms) > 0 and all(isinstance(form[9], tuple) and len(form[9]) == 3 for form in forms)


def ours_tells_early(ours, kernel):
    return told(ours) and not kernel


# What is not compared at all, for the same reason: identification and DF of what a box originates (RFC 6864 4.1, RFC 1191 3), and
# the traffic class of its ICMPv6 errors, which ours marks as ICMPv4's (RFC 1812 4.3.2.5, RFC 2474 4.2.2); of the transparent
# firewall's errors the source, which has to be another's as it has no address.
DIFFERENCES = [
    Difference("this network, 0/8, is no source", "RFC 1122 3.2.1.3, RFC 1812 5.3.7", ("router",), {"0.1.2.3"}, ours_drops),
    Difference("host 0 of a subnet is a broadcast address of old", "RFC 1812 4.2.3.1", ("router",), {"198.51.100.0"}, ours_drops),
    Difference("the inside of a network is not recorded for strangers", "RFC 7126 4.5, 4.7", ("router", "nat"), {"record route", "time stamp"}, other_options),
    Difference("a mapping, not a session, lets an ICMP error in", "RFC 5508 R4", ("nat",), {"error-nothing"}, ours_passes),
    Difference("who may not send to the NAT itself is told as a host tells", "RFC 1122 3.2.2.1", ("nat",), {"unsolicited"}, ours_tells),
    Difference("ICMPv6 errors without which IPv6 does not work pass a default of drop", "RFC 4890 4.3.1", ("firewall",), {"error", "error-nothing"}, ours_passes6),
    Difference("who cannot have a flow of a protocol without ports is told", "RFC 5508 R8", ("nat",), {"protocol"}, ours_tells_prohibited),
    Difference("a NAT judges no flags, and what it does not know opened it translates", "RFC 5382 R2", ("nat",), {"odd-flags", "mid-stream"}, ours_passes),
    Difference("a NAT does not watch windows: an RST is translated, and the session kept for a while", "RFC 7857 2.2", ("nat",), {"outside-window", "blind-rst"},
               ours_passes),
    Difference("a UDP length that does not fit is malformed to a router too", "RFC 768", ("router",), {"bad-length"}, ours_drops),
    Difference("class E is nobody's address", "RFC 1812 5.3.7", ("router",), {"240.0.0.1", "to 240.0.0.1"}, ours_drops),
    Difference("nothing comes from a broadcast address", "RFC 1812 5.3.7, RFC 1122 3.2.1.3", ("router",), {"203.0.113.255"}, ours_drops),
    Difference("nothing comes from the router's own address", "RFC 1812 5.3.7, RFC 3704 2", ("router",), {"2001:db8:1::1"}, ours_drops),
    Difference("nothing goes to the unspecified address", "RFC 4291 2.5.2", ("router",), {"to ::"}, ours_drops),
    Difference("link-local addresses stay on their link", "RFC 4291 2.5.6", ("router",), {"to fe80::7", "fe80::5"}, ours_is_silent),
    Difference("ICMP errors come from the address of the interface that they leave by", "RFC 1812 4.3.2.4", ("router",), {"own"}, another_source4),
    Difference("ICMP errors have a code point, class selector 6, and no bits of a former type of service", "RFC 2474 4.2.2.2", ("router", "nat"), {"ttl", "option"},
               another_tos),
    Difference("source quench is not related", "RFC 6633 4", ("firewall", "nat"), {"source-quench"}, ours_drops),
    Difference("an error about a fragment quotes that fragment, not the datagram", "RFC 1812 4.3.2.3", ("firewall",), {"fragments"}, shorter_quote),
    Difference("fragments are judged as they come: a first one that is rejected is answered before an overlap is seen", "RFC 1858 2", ("firewall",),
               {"overlapping", "without one"}, ours_tells_early),
    Difference("what no receiver accepts does not pass: segments far outside of the window", "RFC 9293 3.10.7.4", ("firewall",), {"outside-window"}, ours_drops),
    Difference("transport checksums are the receiver's to check", "RFC 1812 5.2.2, RFC 9293 3.1", ("firewall", "nat"), {"bad-l4"}, ours_passes),
    Difference("so are those of ICMP errors in transit", "RFC 1812 4.3.3, RFC 4443 2.3", ("firewall",), {"bad-error"}, ours_passes),
    Difference("redirects are not related", "RFC 1812 5.2.7.2", ("firewall", "nat"), {"redirect"}, ours_drops),
]


def explained(world, step, ours, kernel):
    for one in DIFFERENCES:
        if world in one.worlds and one.tags & step.tags and one.what(ours, kernel):
            return one.name
    return None
