#!/usr/bin/env bash
# The router with FRR as its control plane: zebra, ospfd and bgpd in a namespace of their own, with the router's TAPs, and BIRD on
# the other side of a link. Routes are learned over OSPF and BGP and carry traffic, go when they are withdrawn, and stay while zebra is away.
# Beside others.
. "$(dirname "$0")/../lib/system.sh"
tests=45
plan $tests
need_root
need_huge_pages 256
for program in /usr/lib/frr/zebra /usr/lib/frr/ospfd /usr/lib/frr/bgpd; do
	[ -x $program ] || skip_all "needs FRR (Debian package frr)"
done
command -v bird >/dev/null || skip_all "needs BIRD 2 (Debian package bird2)"

# 203.0.113.10 -- p0 [router] p1 -- 198.51.100.10 [BIRD: 10.77.0.1, 10.88.0.1, 2001:db8:88::1]
host west eth0 203.0.113.10/24 203.0.113.1 "fw$$"
host east eth0 198.51.100.10/24 198.51.100.1 "fe$$"
frr=rg$$-frr
ip netns add $frr && t_namespaces+=($frr)
ip -n $frr link set lo up
ip -n $frr addr add 10.255.0.1/32 dev lo
ip -n "rg$$-west" addr add 2001:db8:1::10/64 dev eth0 nodad
ip -n "rg$$-west" -6 route add default via 2001:db8:1::1
ip -n "rg$$-east" addr add 2001:db8:2::10/64 dev eth0 nodad
ip -n "rg$$-east" -6 route add default via 2001:db8:2::1
for address in 10.77.0.1/32 10.88.0.1/32 10.99.0.1/32 2001:db8:88::1/128; do ip -n "rg$$-east" addr add $address dev lo; done

cat >"$tmp/chain.yaml" <<Y
kind: Chain
name: dyn
ports:
  west: {driver: af_packet, interface: fw$$}
  east: {driver: af_packet, interface: fe$$}
links: [[west, rt.p0], [rt.p1, east]]
vnfs:
- vnf: rt
  type: router
  config:
    interfaces:
    - {cp: p0, addresses: [203.0.113.1/24, "2001:db8:1::1/64"], tap: rt0}
    - {cp: p1, addresses: [198.51.100.1/24, "2001:db8:2::1/64"], tap: rt1}
    routes:
    - {prefix: 10.99.0.0/16, action: blackhole}
    routing: {fpm: "127.0.0.1:2620", netns: /run/netns/$frr, hold: 20s}
Y
check "the platform comes up" platform_up
check "the chain is applied" renga apply -f "$tmp/chain.yaml"
rt=$(api GET /renga/v1/chains/dyn | jq -r '.vnfs[0].vnfInstanceId')
stats() { api GET "/renga/v1/stats/vnf/$rt" | jq -c "$1"; }
routing() { [ "$(stats ".routing.$1")" = "$2" ]; }
route() { [ "$(stats "first(.routes[] | select(.prefix == \"$1\") | .protocol) // null")" = "$2" ]; } # prefix protocol

# ---- interfaces --------------------------------------------------------------------------------------------------------

check "the router's interfaces are in the daemons' namespace" until_true 5 ip -n $frr link show rt1 up
mac=$(ip -n $frr -j link show rt0 | jq -r '.[0].address')
check "ping through the router" on west ping -c 1 -W 3 198.51.100.10
same "with the MAC that the link knows [RTR-13]" "$mac" "$(ip -n "rg$$-west" -j neigh show 203.0.113.1 dev eth0 | jq -r '.[0].lladdr')"
same "and the addresses, link-local too" '["198.51.100.1/24","2001:db8:2::1/64","fe80::/64"]' \
	"$(ip -n $frr -j addr show dev rt1 | jq -c '[.[0].addr_info[] | if .scope == "link" then "fe80::/\(.prefixlen)" else "\(.local)/\(.prefixlen)" end] | sort')"
check "the kernel there reaches a neighbour of the link" ip netns exec $frr ping -c 2 -i 0.2 -W 3 198.51.100.10
check "in IPv6" ip netns exec $frr ping -c 2 -i 0.2 -W 3 2001:db8:2::10
ip netns exec $frr /usr/bin/python3 -c 'import socket
s = socket.create_server(("0.0.0.0", 7777))
while True: s.accept()[0].sendall(b"hello\n")' &
t_pids+=($!)
check "a service there is reached by the router's address [RTR-13]" until_true 5 on west bash -c 'read -r line <>/dev/tcp/203.0.113.1/7777 && [ "$line" = hello ]'
check "the router itself answers echo" on west ping -c 1 -W 3 203.0.113.1

# ---- FRR and BIRD ------------------------------------------------------------------------------------------------------

run=$tmp/frr
install -d -o frr -g frr "$run"
chmod 755 "$tmp"
cat >"$run/zebra.conf" <<'C'
fpm address 127.0.0.1 port 2620
C
cat >"$run/ospfd.conf" <<'C'
interface rt1
 ip ospf area 0
 ip ospf hello-interval 1
 ip ospf dead-interval 10
exit
router ospf
 ospf router-id 203.0.113.1
 redistribute connected
exit
C
cat >"$run/bgpd.conf" <<'C'
router bgp 65001
 bgp router-id 203.0.113.1
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 neighbor 198.51.100.10 remote-as 65002
 neighbor 198.51.100.10 timers 3 20
 neighbor 198.51.100.10 timers connect 1
 neighbor 2001:db8:2::10 remote-as 65002
 neighbor 2001:db8:2::10 timers 3 20
 neighbor 2001:db8:2::10 timers connect 1
 address-family ipv4 unicast
  neighbor 198.51.100.10 activate
 exit-address-family
 address-family ipv6 unicast
  neighbor 2001:db8:2::10 activate
 exit-address-family
exit
C
chown frr:frr "$run"/*.conf
daemon() { # name arguments...
	local name=$1
	shift
	background ip netns exec $frr "/usr/lib/frr/$name" -f "$run/$name.conf" -z "$run/zserv" -i "$run/$name.pid" --vty_socket "$run" \
		-u frr -g frr --log "file:$run/$name.log" -P 0 "$@"
}
bird_conf() { # routes of OSPF and of BGP
	cat >"$tmp/bird.conf" <<C
router id 198.51.100.10;
protocol device {}
protocol static o4 { ipv4; $1 }
ipv4 table bgp4;
protocol static b4 { ipv4 { table bgp4; }; $2 }
protocol static b6 { ipv6; route 2001:db8:88::/48 blackhole; }
protocol ospf v2 {
	ipv4 { import all; export where proto = "o4"; };
	area 0 { interface "eth0" { hello 1; dead 10; }; };
}
protocol bgp x4 { local 198.51.100.10 as 65002; neighbor 198.51.100.1 as 65001; connect delay time 1; error wait time 1, 2; error forget time 1; hold time 20;
	ipv4 { table bgp4; import all; export where proto = "b4"; }; }
protocol bgp x6 { local 2001:db8:2::10 as 65002; neighbor 2001:db8:2::1 as 65001; connect delay time 1; error wait time 1, 2; error forget time 1; hold time 20;
	ipv6 { import all; export where proto = "b6"; }; }
C
}
bird_conf "route 10.77.0.0/24 blackhole;" "route 10.88.0.0/16 blackhole; route 10.99.0.0/16 blackhole;"
background ip netns exec "rg$$-east" bird -f -c "$tmp/bird.conf" -s "$tmp/bird.ctl"
daemon zebra -M dplane_fpm_nl
zebra=$!
until_true 5 test -S "$run/zserv"
daemon ospfd
daemon bgpd

check "zebra finds the router" until_true 10 routing connected true
check "a route is learned over OSPF [RTR-13]" until_true 20 route 10.77.0.0/24 '"ospf"'
check "one over BGP [RTR-13]" until_true 40 route 10.88.0.0/16 '"bgp"'
check "one over BGP in IPv6 [RTR-13]" until_true 40 route 2001:db8:88::/48 '"bgp"'
check "traffic flows by the OSPF route [RTR-13]" on west ping -c 2 -i 0.1 -W 3 10.77.0.1
check "by the BGP route [RTR-13]" on west ping -c 2 -i 0.1 -W 3 10.88.0.1
check "by the BGP route in IPv6 [RTR-13]" on west ping -c 2 -i 0.1 -W 3 2001:db8:88::1
check_not "a configured route wins over a learned one [RTR-13]" on west ping -c 1 -W 1 10.99.0.1
check "BIRD learns the router's other link" until_true 10 bash -c "birdc -s $tmp/bird.ctl show route protocol ospf1 | grep -q 203.0.113.0/24"
check "FRR's own address is reached from beyond the router" on west ping -c 1 -W 3 10.255.0.1
same "the next hop is told" '["198.51.100.10"]' "$(stats '.routes[] | select(.prefix == "10.88.0.0/16") | .via')"

# ---- changes -----------------------------------------------------------------------------------------------------------

flow() { # address: pings until lossless, which stops it
	background ip netns exec "rg$$-west" ping -i 0.02 -W 1 "$1"
	flow=$! flow_log=$tmp/background.${#t_pids[@]}.log
}
lossless() { # name. The last one may be on its way still.
	kill -INT $flow
	until_true 2 grep -q 'packet loss' "$flow_log"
	same "$1" "" "$(awk -F'icmp_seq=' 'NF > 1 { n++; if ($2 + 0 != n || /nreach/) print }
		END { if (n < 10) print n " answers only" }' "$flow_log" | head -5)"
}
change() { # as bird_conf
	bird_conf "$@"
	birdc -s "$tmp/bird.ctl" configure >/dev/null
}
flow 10.77.0.1
change "route 10.77.0.0/24 blackhole;" "route 10.77.0.0/24 blackhole; route 10.88.0.0/16 blackhole; route 10.89.0.0/16 blackhole;"
check "a better route takes the place of another" until_true 10 route 10.77.0.0/24 '"bgp"'
check "a new one comes" until_true 10 route 10.89.0.0/16 '"bgp"'
change "" "route 10.77.0.0/24 blackhole; route 10.88.0.0/16 blackhole;"
check "a withdrawn one goes [RTR-13]" until_true 10 route 10.89.0.0/16 null
matches "and its destinations are unreachable" 'Net Unreachable' "$(on west ping -c 1 -W 2 10.89.0.1)"
lossless "no packet was lost by the change from OSPF to BGP [RTR-11 RTR-13]"

# ---- another configuration ---------------------------------------------------------------------------------------------

flow 10.88.0.1
index=$(ip -n $frr -j link show rt0 | jq '.[0].ifindex')
check "a configuration with one address more and one less is taken" renga vnf configure dyn.rt --set \
	'interfaces=[{"cp": "p0", "addresses": ["203.0.113.1/24", "192.0.2.1/24"], "tap": "rt0", "mtu": 1400}, {"cp": "p1", "addresses": ["198.51.100.1/24", "2001:db8:2::1/64"], "tap": "rt1"}]'
rt0() { ip -n $frr -j addr show dev rt0 | jq -c '.[0] | [.ifindex, .mtu, ([.addr_info[].local] | sort)]'; }
follows() { [ "$(rt0)" = "[$index,1400,[\"192.0.2.1\",\"203.0.113.1\"]]" ]; }
check "the interface there follows, and is the same" until_true 5 follows
check "learned routes are there" route 10.88.0.0/16 '"bgp"'
lossless "no packet was lost by that [RTR-11 RTR-13]"

# ---- zebra goes and comes ----------------------------------------------------------------------------------------------

flow 10.88.0.1
kill -9 "$(cat "$run/zebra.pid")"
wait "$zebra" 2>/dev/null
check "zebra is lost" until_true 5 routing connected false
check "its routes stay" route 10.88.0.0/16 '"bgp"'
rm -f "$run/zebra.pid"
daemon zebra -M dplane_fpm_nl -K 15
check "zebra comes back" until_true 10 routing connected true
check "and tells of the routes again: none is stale [RTR-13]" until_true 18 routing stale 0
check "before the hold time is over" route 10.88.0.0/16 '"bgp"'
lossless "traffic flowed all the time [RTR-13]"
check "the policer has let everything through" routing limited 0

# ---- the router goes and comes -----------------------------------------------------------------------------------------

kill -9 "$(curl -sS --unix-socket "$RENGA_RUNTIME_DIR/vnfm.sock" "http://vnfm/v1/vnfs/$rt" | jq .pid)"
check "a killed router makes its interfaces anew" until_true 10 ip -n $frr link show rt1 up
check "and gets all routes again [RTR-13]" until_true 25 route 10.88.0.0/16 '"bgp"'
check "which carry traffic" until_true 5 on west ping -c 1 -W 1 10.88.0.1

# ---- many changes ------------------------------------------------------------------------------------------------------

# In the place of zebra: 200,000 changes, each a withdrawal and a new route in one frame as zebra sends them, or a withdrawal.
cat >"$tmp/changes.py" <<'P'
import socket, struct, time
def attr(kind, value): return struct.pack("=HH", 4 + len(value), kind) + value
def route(kind, number, gateway, prefix=None, length=24):
    prefix = prefix or bytes((100, 64 + number // 256, number % 256, 0))
    body = struct.pack("=8BI", 2, length, 0, 0, 254, 186, 0, 1, 0) + attr(1, prefix)
    if gateway: body += attr(5, bytes(map(int, gateway.split("."))))
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 0, 0) + body
def frame(*messages): return struct.pack(">BBH", 1, 1, 4 + sum(map(len, messages))) + b"".join(messages)
s = socket.create_connection(("127.0.0.1", 2620))
s.sendall(frame(route(24, 0, "198.51.100.10", bytes((10, 88, 0, 0)), 16)))
begin = time.time()
for turn in range(100):
    s.sendall(b"".join(frame(route(25, n, None), route(24, n, "198.51.100.%d" % (10 + (n + turn) % 3))) for n in range(1000)))
    s.sendall(b"".join(frame(route(25, n, None)) for n in range(1000)))
s.sendall(frame(route(24, 2000, "198.51.100.10")))
print("%.1f" % (time.time() - begin), flush=True)
time.sleep(60)
P
kill -9 "$(cat "$run/zebra.pid")"
until_true 10 routing connected false
flow 10.88.0.1
updates=$(stats .routing.updates)
background ip netns exec $frr /usr/bin/python3 "$tmp/changes.py"
check "the last of 200,000 changes arrives" until_true 60 route 100.71.208.0/24 '"bgp"'
check "all of them were taken [RTR-11]" test "$(stats .routing.updates)" -ge $((updates + 200000))
same "none was refused" 0 "$(stats .routing.refused)"
lossless "traffic beside them lost nothing: $(cat "$tmp/background.${#t_pids[@]}.log") s [RTR-11]"
check "every buffer is accounted for" renga doctor
[ "$t_failed" = 0 ] || tail -n 5 "$run"/*.log | sed 's/^/# /'
