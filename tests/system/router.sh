#!/usr/bin/env bash
# The router of the contract, with real hosts: its example as written, IPv4 and IPv6, next hops, ECMP, routes that refuse, TTL,
# MTU, fragments, echo to its own addresses, neighbours, counters, and routes changed while it runs.
# Beside others.
. "$(dirname "$0")/../lib/system.sh"
tests=54
plan $tests
need_root
need_huge_pages 256

cat >"$tmp/contract.yaml" <<'Y'
interfaces:
- {cp: p0, addresses: [203.0.113.1/24, "2001:db8:1::1/64"], mtu: 1500, mac: auto}
- {cp: p1, addresses: [198.51.100.1/24, "2001:db8:2::1/64"]}
routes:
- {prefix: 0.0.0.0/0, via: [198.51.100.254]}         # several next hops: ECMP by flow
- {prefix: 10.0.0.0/8, via: 203.0.113.2}
- {prefix: 192.0.2.0/24, action: blackhole}           # blackhole | unreachable | prohibit
Y
same "the contract's example is taken as written" '[]' "$(renga-vnf --check router "$tmp/contract.yaml" | jq -c .faults)"

# 203.0.113.10, .2 and 10.0.0.0/8 -- p0 [router] p1 -- 198.51.100.10, .253, .254 and everything else
#                                         \ p2 -- 10.20.0.10
host west eth0 203.0.113.10/24 203.0.113.1 "rw$$"
host east eth0 198.51.100.10/24 198.51.100.1 "re$$"
host south eth0 10.20.0.10/24 10.20.0.1 "rs$$"
ip -n "rg$$-west" addr add 203.0.113.2/24 dev eth0
ip -n "rg$$-west" addr add 10.0.0.5/32 dev lo
for address in 198.51.100.253/24 198.51.100.254/24; do ip -n "rg$$-east" addr add $address dev eth0; done
ip -n "rg$$-east" addr add 8.8.8.8/32 dev lo
ip -n "rg$$-west" addr add 2001:db8:1::10/64 dev eth0 nodad
ip -n "rg$$-east" addr add 2001:db8:2::10/64 dev eth0 nodad
ip -n "rg$$-west" -6 route add default via 2001:db8:1::1
ip -n "rg$$-east" -6 route add default via 2001:db8:2::1
sed -e '/cp: p1/a - {cp: p2, addresses: 10.20.0.1/24}' -e '/blackhole/a - {prefix: 192.0.3.0/24, action: unreachable}\n- {prefix: 192.0.4.0/24, action: prohibit}\n- {prefix: "2001:db8:f::/48", action: blackhole}\n- {prefix: "2001:db8:e::/48", action: prohibit}\n- {prefix: "2001:db8:d::/48", via: "2001:db8:2::10"}' \
	"$tmp/contract.yaml" >"$tmp/config.yaml"
{
	cat <<-Y
		kind: Chain
		name: cross
		ports:
		  west: {driver: af_packet, interface: rw$$}
		  east: {driver: af_packet, interface: re$$}
		  south: {driver: af_packet, interface: rs$$}
		links: [[west, rt.p0], [rt.p1, east], [rt.p2, south]]
		vnfs:
		- vnf: rt
		  type: router
		  config:
	Y
	sed 's/^/    /' "$tmp/config.yaml"
} >"$tmp/cross.yaml"
check "the platform comes up" platform_up
check "the graph is applied" renga apply -f "$tmp/cross.yaml"
rt=$(api GET /renga/v1/chains/cross | jq -r '.vnfs[0].vnfInstanceId')
stats() { api GET "/renga/v1/stats/vnf/$rt" | jq -c "$1"; }
configure() { renga vnf configure cross.rt "$@" >/dev/null; }

# ---- hosts -------------------------------------------------------------------------------------------------------------

check "ping from link to link" on west ping -c 2 -i 0.05 -W 3 198.51.100.10
check "in IPv6" on west ping -c 2 -i 0.05 -W 3 2001:db8:2::10
check "to the third link" on west ping -c 2 -i 0.05 -W 3 10.20.0.10
check "by a route to a neighbour" on east ping -c 1 -W 3 10.0.0.5
check "by the default route" on west ping -c 1 -W 3 8.8.8.8
for address in 203.0.113.1 198.51.100.1 10.20.0.1 2001:db8:1::1 2001:db8:2::1; do
	check "it answers to its address $address [RTR-10]" on west ping -c 1 -W 3 $address
done
matches "traceroute [RTR-10]" '203\.0\.113\.1 .*198\.51\.100\.10 ' "$(on west traceroute -n -q 1 -w 1 -m 3 198.51.100.10 2>&1 | tail -n +2 | tr '\n' ' ')"
matches "traceroute of IPv6 [RTR-10]" '2001:db8:1::1 .*2001:db8:2::10 ' "$(on west traceroute -6 -n -q 1 -w 1 -m 3 2001:db8:2::10 2>&1 | tail -n +2 | tr '\n' ' ')"
matches "mtr [RTR-10]" '203\.0\.113\.1 +0\.0%.*198\.51\.100\.10 +0\.0%' "$(on west mtr -n -r -c 2 -i 0.2 198.51.100.10 2>&1 | tr '\n' ' ')"
check "fragments of a host pass" on west ping -c 1 -W 3 -s 4000 198.51.100.10
check "in IPv6" on west ping -c 1 -W 3 -s 4000 2001:db8:2::10
background on east iperf3 -s
until_true 5 on east bash -c 'exec 3<>/dev/tcp/127.0.0.1/5201'
check "TCP" until_true 10 on west iperf3 -c 198.51.100.10 -t 1
check "TCP over IPv6, the other way" until_true 10 on west iperf3 -6 -c 2001:db8:2::10 -t 1 -R

# ---- who is refused ----------------------------------------------------------------------------------------------------

matches "an unreachable route tells host unreachable" 'Destination Host Unreachable' "$(on west ping -c 1 -W 2 192.0.3.1)"
matches "a prohibited one tells so" 'Packet filtered|Communication prohibited' "$(on west ping -c 1 -W 2 192.0.4.1)"
matches "in IPv6" 'Administratively prohibited|prohibited' "$(on west ping -c 1 -W 2 2001:db8:e::1)"
matches "no route in IPv6 tells so" 'No route' "$(on west ping -c 1 -W 2 2001:db9::1)"
matches "a neighbour that does not answer is told as host unreachable" 'Destination Host Unreachable' "$(on west ping -c 1 -W 6 198.51.100.77)"
matches "in IPv6" 'Address unreachable|Destination unreachable' "$(on west ping -c 1 -W 6 2001:db8:2::77)"
check_not "a blackhole tells nothing" bash -c "ip netns exec rg$$-west ping -c 1 -W 1 192.0.2.1 | grep -iE "unreach|filter|from""
check_not "in IPv6" bash -c "ip netns exec rg$$-west ping -c 1 -W 1 2001:db8:f::1 | grep -iE "unreach|prohib|from""
counted=$(stats .drops)
same "all of these are counted by their reason: $(jq -c 'with_entries(select(.value > 0))' <<<"$counted")" '[2,1,2,1,2]' "$(jq -c '[.blackhole, .unreachable, .prohibited, ."no-route", ."no-neighbour"]' <<<"$counted")"
same "a route counts packets and bytes without FCS" '{"prefix":"192.0.2.0/24","packets":1,"bytes":98}' \
	"$(stats '.routes[] | select(.prefix == "192.0.2.0/24") | {prefix, packets, bytes}')"
same "all that were configured are there" 8 "$(stats '[.routes[].prefix] - ["203.0.113.0/24"] | [.[] | select(test("^(0.0.0.0/0|10.0.0.0/8|192.0.[234].0/24|2001:db8:[def]::/48)$"))] | length')"

# ---- frames ------------------------------------------------------------------------------------------------------------

malformed=$(stats .drops.malformed)
wire <<'P'
w, e = Wire("west"), Wire("east")
with at("west"):
    os.system("ping -c 1 -W 2 203.0.113.1 >/dev/null")
    mac = os.popen("ip neigh show 203.0.113.1 dev eth0").read().split()[2]
l2 = Ether(src=w.mac, dst=mac)
v4 = l2 / IP(src="203.0.113.10", dst="198.51.100.10")
v6 = l2 / IPv6(src="2001:db8:1::10", dst="2001:db8:2::10")

def routed(packet, seconds=PATIENCE):
    token = unique()
    e.drain()
    w.send(packet / Raw(token))
    return e.next(lambda p: token in bytes(p), seconds)

def error(packet, wanted):
    w.drain()
    w.send(packet / Raw(unique()))
    return w.next(wanted)

p = routed(l2 / IP(src="203.0.113.10", dst="198.51.100.10", ttl=17, id=77, tos=0xb8) / UDP(sport=1, dport=9))
same("IPv4: the TTL is one less, id and TOS are kept", (16, 77, 0xb8), p and (p.ttl, p.id, p.tos))
sum = p[IP].chksum
del p[IP].chksum
same("IPv4: the checksum holds", Ether(bytes(p))[IP].chksum, sum)
p = routed(l2 / IPv6(src="2001:db8:1::10", dst="2001:db8:2::10", hlim=17, tc=0xb8, fl=0x12345) / UDP(sport=1, dport=9))
same("IPv6: the hop limit is one less, class and label are kept", (16, 0xb8, 0x12345), p and (p.hlim, p.tc, p.fl))
p = error(l2 / IP(src="203.0.113.10", dst="198.51.100.10", ttl=1) / UDP(sport=1234, dport=9), lambda p: ICMP in p and p[ICMP].type == 11)
same("IPv4: a TTL of 1 ends here", (11, 0, "203.0.113.1", 1234), p and (p[ICMP].type, p[ICMP].code, p[IP].src, p[UDPerror].sport))
p = error(l2 / IPv6(src="2001:db8:1::10", dst="2001:db8:2::10", hlim=1) / UDP(sport=1234, dport=9), lambda p: ICMPv6TimeExceeded in p)
same("IPv6: a hop limit of 1 ends here", (0, "2001:db8:1::1"), p and (p[ICMPv6TimeExceeded].code, p[IPv6].src))
p = error(l2 / IP(src="203.0.113.10", dst="203.0.113.1") / UDP(sport=1234, dport=9), lambda p: ICMP in p and p[ICMP].type == 3 and p[IP].src == "203.0.113.1")
same("IPv4: its own ports are closed", 3, p and p[ICMP].code)
w.drain()
w.send(Ether(src=w.mac, dst="ff:ff:ff:ff:ff:ff") / ARP(op=1, hwsrc=w.mac, psrc="0.0.0.0", pdst="203.0.113.1"))
p = w.next(lambda p: ARP in p and p[ARP].op == 2)
same("ARP probes are answered", ("203.0.113.1", mac), p and (p[ARP].psrc, p[ARP].hwsrc))
w.send(Ether(src=w.mac, dst="33:33:ff:00:00:01") / IPv6(src="2001:db8:1::10", dst="ff02::1:ff00:1", hlim=255) /
       ICMPv6ND_NS(tgt="2001:db8:1::1") / ICMPv6NDOptSrcLLAddr(lladdr=w.mac))
p = w.next(lambda p: ICMPv6ND_NA in p)
same("neighbour solicitations too", ("2001:db8:1::1", mac), p and (p[ICMPv6ND_NA].tgt, p[ICMPv6NDOptDstLLAddr].lladdr))
m = [int(x, 16) for x in mac.split(":")]
link_local = "fe80::%x:%x:%x:%x" % ((m[0] ^ 2) << 8 | m[1], m[2] << 8 | 0xff, 0xfe00 | m[3], m[4] << 8 | m[5])
with at("west"):
    same("its link-local address is that of its MAC, and answers", 0, os.system(f"ping -c 1 -W 2 {link_local}%eth0 >/dev/null"))
w.send(Ether(src=w.mac, dst="33:33:ff:00:00:01") / IPv6(src="2001:db8:1::10", dst="ff02::1:ff00:1", hlim=64) /
       ICMPv6ND_NS(tgt="2001:db8:1::1") / ICMPv6NDOptSrcLLAddr(lladdr="02:00:00:00:66:66"))
check("a solicitation from beyond the link is not believed", routed(v6 / UDP(sport=1, dport=9)) is not None)
bad = bytearray(bytes(v4 / UDP(sport=1, dport=9) / Raw(b"x" * 40)))
w.send(bad[:24] + b"\xde\xad" + bad[26:], bad[:14] + b"\x41" + bad[15:], bad[:25], bytes(v6)[:40])
check("the router goes on after malformed frames", routed(v4 / UDP(sport=1, dport=9)) is not None)
P
same "which are counted as such" 4 $(($(stats .drops.malformed) - malformed))

# ---- MTU, ECMP, day 2 --------------------------------------------------------------------------------------------------

east='{"cp": "p1", "addresses": ["198.51.100.1/24", "2001:db8:2::1/64"], "mtu": 1280}'
west='{"cp": "p0", "addresses": ["203.0.113.1/24", "2001:db8:1::1/64"]}'
south='{"cp": "p2", "addresses": ["10.20.0.1/24"]}'
check "an MTU is set while it runs" configure --set "interfaces=[$west, $east, $south]" --set icmp-rate.per-destination=100
matches "IPv4: who may not be cut is told the MTU" 'mtu ?= ?1280' "$(on west ping -c 2 -i 0.1 -W 1 -M do -s 1400 198.51.100.10 2>&1)"
check "others are cut" on south ping -c 1 -W 2 -M dont -s 1400 198.51.100.10
matches "IPv6: too big is told, and the host obeys" 'mtu=1280.* [1-4] received' "$(on west ping -c 5 -i 0.2 -W 1 -s 1400 2001:db8:2::10 2>&1 | tr '\n' ' ')"
check "TCP finds its way with that" until_true 10 on west iperf3 -c 198.51.100.10 -t 1
check "and over IPv6" until_true 10 on west iperf3 -6 -c 2001:db8:2::10 -t 1
same "what is too big is counted" true "$(stats '.drops."too-big" >= 2')"

check "a route gets two next hops" configure --set 'routes=[{"prefix": "0.0.0.0/0", "via": ["198.51.100.253", "198.51.100.254"]}]'
ip -n "rg$$-east" addr del 198.51.100.253/24 dev eth0
wire <<'P'
# The second neighbour is a wire of ours, with another MAC.
w, e = Wire("west"), Wire("east")
with at("west"):
    mac = os.popen("ip neigh show 203.0.113.1 dev eth0").read().split()[2]
other = "02:00:00:00:00:53"
e.send(Ether(src=other, dst="ff:ff:ff:ff:ff:ff") / ARP(op=1, hwsrc=other, psrc="198.51.100.253", pdst="198.51.100.1"))
e.next(lambda p: ARP in p and p[ARP].op == 2)
with at("west"):
    os.system("ping -c 1 -W 2 8.8.8.8 >/dev/null; ping -c 1 -W 2 8.8.8.8 >/dev/null")
e.drain()
ways = {}
for round in range(2):
    for port in range(2000, 2200):
        w.send(Ether(src=w.mac, dst=mac) / IP(src="203.0.113.10", dst="9.9.9.9") / UDP(sport=port, dport=9))
        p = e.next(lambda p: ARP in p and p[ARP].op == 1 and p[ARP].pdst == "198.51.100.253" or UDP in p and p[UDP].sport == port)
        if p and ARP in p:
            e.send(Ether(src=other, dst=p.src) / ARP(op=2, hwsrc=other, psrc=p[ARP].pdst, hwdst=p.src, pdst=p[ARP].psrc))
            p = e.next(lambda p: UDP in p and p[UDP].sport == port)
        ways.setdefault(port, []).append(p and p.dst)
share = [v[0] for v in ways.values()].count(other)
check("ECMP: flows take both ways", 50 <= share <= 150, f"{share} of 200 by the first")
same("ECMP: a flow keeps its way", 200, len([1 for a, b in ways.values() if a == b and a]))
P
check_not "a next hop that is no neighbour is refused [COM-5]" configure --set 'routes=[{"prefix": "0.0.0.0/0", "via": ["1.2.3.4"]}]'
check "the running configuration goes on [COM-5]" on west ping -c 1 -W 2 198.51.100.10
check "every buffer is accounted for [COM-1]" renga doctor
