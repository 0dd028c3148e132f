#!/usr/bin/env bash
# Every port driver of the contract that can run here, the statistics of counted runs, ports with several queues, two chains side
# by side, and the chain of the contract in its ETSI form, TCP through it by each driver: with real packets, and two I/O workers.
. "$(dirname "$0")/../lib/system.sh"
tests=112
plan $tests
need_root
need_huge_pages 384

check "the platform comes up" platform_up --io-cores 0,1
chain() { # NAME PORT PORT [PATH]: a chain between two ports, of a passthrough unless told
	cat >"$tmp/$1.yaml" <<-Y
		kind: Chain
		name: $1
		ports: {in: $2, out: $3}
		path: [in, ${4:-{vnf: p, type: passthrough\}}, out]
	Y
	renga apply -f "$tmp/$1.yaml"
}
service() { api GET "/renga/v1/chains/$1" | jq -r .nsInstanceId; }
stats() { api GET "/renga/v1/stats/ns/$(service "$1")" | jq -c "$2"; } # CHAIN FILTER
at() { stats "$1" ".ports[] | select(.name == \"$2\") | $3"; }         # CHAIN PORT FILTER
is() { [ "$(at "$1" "$2" "$3")" = "$4" ]; }
# What each VNF took it gave away, dropped or holds: [] if so.
lost='[.vnfs[] | select(([.cps[].rxPackets] | add) != ([.cps[].txPackets] | add) + ([.drops[]] | add) + .heldPackets) | .vnfInstanceName]'

# ---- generator and null, and what is counted ---------------------------------------------------------------------------

gen='driver: generator, rate: 20k, size: 64, flows: 100, src: 10.0.0.10, dst: 198.51.100.10, protocol: udp'
gen="$gen, dst-mac: \"02:00:00:00:00:01\", count: 10000, duration: 1h"
rules='rules: [{name: odd, action: drop, proto: udp, sport: 1024-1048}], default: accept'
check "generator with every member of the contract, to null" chain run "{$gen}" '{driver: "null"}' \
	"{vnf: a, type: passthrough}, {vnf: fw, type: firewall, config: {$rules}}, {vnf: b, type: passthrough}"
check "count: that many packets are made" until_true 20 is run in .generator.sent 10000
check "those that the firewall passes come out" until_true 10 is run out .txPackets 7500
same "the firewall dropped the others, by its rule" '[2500,2500,75]' \
	"$(stats run '.vnfs[] | select(.type == "firewall") | [.drops."rule-drop", (.rules[] | select(.name == "odd").packets), .sessions]')"
same "every VNF gave away or dropped all that it took" '[]' "$(stats run "$lost")"
same "frames count without FCS at every connection point" '[[640000,640000],[640000,480000],[480000,480000]]' \
	"$(stats run '[.vnfs[] | [.vnfInstanceName, .cps.left.rxBytes, .cps.right.txBytes]] | sort | [.[] | .[1:]] | [.[0], .[2], .[1]]')"
same "loss, rate and latency are measured where packets come out" true \
	"$(at run out '.generator | .received == 7500 and .mpps > 0 and .latencyUs.p50 > 0 and .latencyUs.p50 <= .latencyUs.p99')"
same "the service tells its latency" true "$(stats run '.latencyUs | .p50 > 0 and .p50 <= .p90 and .p90 <= .p99 and .p99 <= .max')"
same "and its buffers" true "$(stats run '.buffers | .pool == .free + .inFlight and .inFlight < 1000')"
same "VNFs tell how busy they are and how full their rings" true \
	"$(stats run '[.vnfs[] | .busy >= 0 and .busy <= 1 and .ring.fill == 0 and .ring.size > 0] | all')"
renga delete run >/dev/null

chain imix '{driver: generator, rate: 20k, size: imix, count: 12000}' '{driver: "null"}' >/dev/null
check "imix: 64, 590 and 1514 bytes as 7:4:1" until_true 10 is imix out '[.txPackets, .txBytes]' '[12000,4322000]'
same "none was lost" '[12000,0]' "$(at imix out '.generator | [.received, .lost]')"
renga delete imix >/dev/null
# How many queues, whether the port has received what they have, how many have received anything.
queues() { at "$1" "$2" '.rxPackets as $all | .queues // [] | [length, (map(.rxPackets) | add) == $all, (map(select(.rxPackets > 0)) | length)]'; }
chain spread '{driver: generator, rate: 20k, flows: 500, count: 12000, queues: 4}' '{driver: "null"}' >/dev/null
check "queues of a port with one are spread by software" until_true 10 is spread out .txPackets 12000
same "to as many as there are I/O workers" '[2,true,2]' "$(queues spread in)"
same "evenly, as flows are many" true "$(at spread in '[.queues[].rxPackets / 12000 | . > 0.4 and . < 0.6] | all')"
same "no packet without an account" '[]' "$(stats spread "$lost")"
renga delete spread >/dev/null
chain six '{driver: generator, rate: 20k, size: imix, count: 6000, protocol: tcp, src: "2001:db8::1", dst: "2001:db8::2"}' '{driver: "null"}' \
	'{vnf: fw, type: firewall, config: {rules: {action: accept, proto: tcp, src: "2001:db8::/64", dport: 9}}}' >/dev/null
check "TCP over IPv6, of all sizes" until_true 10 is six out '.generator | [.received, .lost]' '[6000,0]'
renga delete six >/dev/null
chain brief '{driver: generator, rate: 10k, duration: 500ms}' '{driver: "null"}' >/dev/null
check "duration: it ends" until_true 10 is brief in .generator.done true
check "with as many packets as the rate gives, or fewer" test "$(at brief in '.generator.sent + .drops.overflow')" -le 5000
renga delete brief >/dev/null
chain fast '{driver: generator, rate: max, flows: 1000, size: 1514, count: 200000}' '{driver: "null"}' >/dev/null
# A VNF that the machine keeps from its CPU for longer than its neighbours are patient costs packets: those are counted.
all_out() { [ "$(stats fast '([.ports[] | select(.name == "out").txPackets] | add) + ([.vnfs[].drops[]] | add)')" = 200000 ]; }
check "rate: max; every packet came out or was dropped for a reason [COM-1 COM-10]" until_true 20 all_out
same "at each VNF too [COM-1]" '[]' "$(stats fast "$lost")"
renga delete fast >/dev/null

for port in '{driver: generator, size: 10}' '{driver: generator, rate: fast}' '{driver: generator, protocol: quic}' \
	'{driver: generator, src: here}' '{driver: "null", mtu: 100000}' '{driver: tap}' '{driver: pcap, rx: 7}' \
	'{driver: memif, socket: /tmp/m, role: guest}' '{driver: wifi}'; do
	chain no "$port" '{driver: "null"}' >/dev/null 2>&1
	same "refused at the door: $port" 6 $?
done

# ---- pcap, malformed frames --------------------------------------------------------------------------------------------

wire <<P
frames = [Ether(src="02:00:00:00:00:0a", dst="02:00:00:00:00:0b") / IP(src="10.0.0.1", dst="10.0.0.2") / UDP(sport=n, dport=9) / Raw(bytes(n % 1400)) for n in range(1000, 2000)]
wrpcap("$tmp/good.pcap", frames)
good = bytes(frames[0])
wrpcap("$tmp/bad.pcap", [Raw(good), Raw(good[:7]), Raw(good[:13]), Raw(good[:14] + b"\x43" + good[15:]), Raw(good[:30]), Raw(good[:24] + b"\0\0" + good[26:]), Raw(good)])
P
check "pcap: packets from a file" chain film "{driver: pcap, rx: $tmp/good.pcap}" "{driver: pcap, tx: $tmp/out.pcap}"
check "all of them come in" until_true 10 is film in .rxPackets 1000
check "and go out" until_true 10 is film out .txPackets 1000
renga delete film >/dev/null
wire <<P
a, b = rdpcap("$tmp/good.pcap"), rdpcap("$tmp/out.pcap")
same("into a file, unchanged and in order", [bytes(p) for p in a], [bytes(p) for p in b])
P
chain bad "{driver: pcap, rx: $tmp/bad.pcap}" '{driver: "null"}' '{vnf: fw, type: firewall, config: {default: accept}}' >/dev/null
check "frames without an Ethernet header are counted by the port as malformed" until_true 5 is bad in .drops.malformed 2
broken() { [ "$(stats bad '.vnfs[0] | [.cps.left.rxPackets, .drops.malformed, .cps.right.txPackets]')" = '[5,3,2]' ]; }
check "broken IP headers by the VNF" until_true 5 broken
stats bad '[.ports, .vnfs]' >"$tmp/bad.json"
renga delete bad >/dev/null
# Frames longer than a buffer come from net_pcap as chains of them, with headers in the first and data in the others.
wire <<P
def long(size):
    return Ether(src="02:00:00:00:00:0a", dst="02:00:00:00:00:0b") / IP(src="10.0.0.1", dst="10.0.0.2") / UDP(sport=1, dport=9) / Raw(bytes(size))
wrpcap("$tmp/long.pcap", [long(100), long(3000), long(8000), long(200)])
P
chain long "{driver: pcap, rx: $tmp/long.pcap}" '{driver: "null"}' '{vnf: fw, type: firewall, config: {default: accept}}' >/dev/null
check "frames of several buffers are counted by the port, and dropped [COM-3]" until_true 5 is long in .drops.oversize 2
same "no part of them reaches the VNF [COM-3]" '[2,2,0]' "$(stats long '.vnfs[0] | [.cps.left.rxPackets, .cps.right.txPackets, .drops.malformed]')"
renga delete long >/dev/null

# ---- memif, eal --------------------------------------------------------------------------------------------------------

chain far '{driver: memif, socket: '"$tmp/m.sock"', role: server, id: 3}' '{driver: "null"}' >/dev/null
check "memif: a pair" chain near '{driver: generator, rate: 10k, count: 5000, size: 300}' "{driver: memif, socket: $tmp/m.sock, role: client, id: 3}"
check "packets go over it" until_true 10 is far out .txPackets 5000
same "all of them, in order" '[5000,5000,0,0]' "[$(at near out .txPackets),$(at far in .rxPackets),$(at far out '.generator | .lost, .reordered' | tr '\n' ',' | sed 's/,$//')]"
renga delete near >/dev/null
renga delete far >/dev/null
check "eal: net_null makes packets" chain eal '{driver: eal, devargs: "net_null0,size=128"}' '{driver: "null"}'
some() { [ "$(at eal out .txPackets)" -gt 1000 ]; }
check "which pass" until_true 10 some
same "all of 128 bytes" true "$(at eal out '.txBytes == 128 * .txPackets')"
renga delete eal >/dev/null
check "eal: net_ring" chain loop '{driver: eal, devargs: "net_ring0"}' '{driver: generator, rate: 10k, count: 1000}'
check "takes and gives" until_true 10 is loop in '[.txPackets, .rxPackets]' '[1000,1000]'
same "and they come back" 1000 "$(at loop out .txPackets)"
renga delete loop >/dev/null

# ---- interfaces --------------------------------------------------------------------------------------------------------

host a eth0 10.7.0.1/24 "" "pa$$"
host b eth0 10.7.0.2/24 "" "pb$$"
host c eth0 10.7.0.1/24 "" "pc$$"
host d eth0 10.7.0.2/24 "" "pd$$"
# Whether frames longer than the MTU came in; all of them went out whole; some were cut.
large() { stats net '[.ports[] | .large] | [(map(.rx > 10) | any), (map(.rx) | add) == (map(.tx) | add), (map(.cut) | add) > 10]'; }
try() { # NAME PORT PORT FROM TO: ping and TCP over a chain
	check "$1: the chain is applied" chain net "$2" "$3"
	check "$1: ping" on "$4" ping -c 3 -i 0.05 -W 3 10.7.0.2
	background on "$5" iperf3 -s -1
	until_true 5 on "$5" bash -c 'ss -ltn | grep -q 5201'
	check "$1: TCP" on "$4" iperf3 -c 10.7.0.2 -t 1 -P "${6:-1}"
	same "$1: no packet without an account" '[]' "$(stats net "$lost")"
	large=$(large) queues="$(queues net in) $(queues net out)"
	renga delete net >/dev/null
}
try af_packet "{driver: af_packet, interface: pa$$, promiscuous: true, queues: 1}" "{driver: af_packet, interface: pb$$}" a b
same "large frames are carried whole between ports that can" '[true,true,false]' "$large"
try af_packet-plain "{driver: af_packet, interface: pa$$, offloads: false}" "{driver: af_packet, interface: pb$$, offloads: false}" a b
same "with offloads off, the kernel cuts them" '[false,true,false]' "$large"
try af_packet-queues "{driver: af_packet, interface: pa$$, queues: 8}" "{driver: af_packet, interface: pb$$, queues: 2}" a b 32
matches "the kernel shares flows out to the sockets of a port" '^\[8,true,[5-8]\] \[2,true,2\]$' "$queues"
try af_xdp "{driver: af_xdp, interface: pa$$}" "{driver: af_xdp, interface: pb$$}" a b
try af_xdp-queues "{driver: af_xdp, interface: pa$$, queues: 2}" "{driver: af_xdp, interface: pb$$}" a b 16
matches "one channel is spread by software" '^\[2,true,2\] ' "$queues"
chain net "{driver: tap, interface: pt$$}" "{driver: af_packet, interface: pb$$}" >/dev/null
check "tap makes its interface" ip link set "pt$$" netns "rg$$-c"
ip -n "rg$$-c" addr flush dev eth0
ip -n "rg$$-c" addr add 10.7.0.1/24 dev "pt$$"
ip -n "rg$$-c" link set "pt$$" up
check "tap: ping" on c ping -c 3 -i 0.05 -W 3 10.7.0.2
background on b iperf3 -s -1
until_true 5 on b bash -c 'ss -ltn | grep -q 5201'
check "tap: TCP" on c iperf3 -R -c 10.7.0.2 -t 1
same "large frames are cut where they leave by a port that cannot carry them" '[true,false,true]' "$(large)"
renga delete net >/dev/null
check_not "it goes with its port" ip -n "rg$$-c" link show "pt$$"
ip -n "rg$$-c" addr add 10.7.0.1/24 dev eth0

# ---- two chains side by side -------------------------------------------------------------------------------------------

on b ip neigh flush dev eth0
chain one "{driver: af_packet, interface: pa$$}" "{driver: af_packet, interface: pb$$}" >/dev/null
chain two "{driver: af_packet, interface: pc$$}" "{driver: af_packet, interface: pd$$}" '{vnf: fw, type: firewall, config: {default: accept}}' >/dev/null
background on a ping -c 100 -i 0.01 -W 3 10.7.0.2
first=$! first_log=$tmp/background.${#t_pids[@]}.log
check "two chains with the same addresses beside each other" on c ping -c 100 -i 0.01 -W 3 10.7.0.2
wait $first
matches "neither loses a packet" ' 100 received' "$(cat "$first_log")"
same "each counts its own" 'true true' "$(stats one '[.vnfs[].cps[].rxPackets] | add | . >= 200 and . < 300') $(stats two '[.vnfs[].cps[].rxPackets] | add | . >= 200 and . < 300')"
renga delete one >/dev/null
check "one goes, the other stays" on c ping -c 3 -i 0.01 -W 3 10.7.0.2
renga delete two >/dev/null
check "every buffer is accounted for" renga doctor

# ---- TCP through a chain of three ----------------------------------------------------------------------------------------

ip -n "rg$$-a" addr flush dev eth0
ip -n "rg$$-b" addr flush dev eth0
ip -n "rg$$-a" addr add 10.0.0.10/24 dev eth0
ip -n "rg$$-b" addr add 198.51.100.10/24 dev eth0
ip -n "rg$$-a" route add default via 10.0.0.1
ip -n "rg$$-b" route add default via 198.51.100.1
head -c 20000000 /dev/urandom >"$tmp/sent"
cat >"$tmp/echo.py" <<-P
	import socket, sys
	if sys.argv[1] == "serve":
	    peer = socket.create_server(("198.51.100.10", 5202)).accept()[0]
	    data = b"".join(iter(lambda: peer.recv(1 << 20), b""))
	    peer.sendall(data)
	else:
	    peer = socket.create_connection(("198.51.100.10", 5202), 5)
	    peer.sendfile(open("$tmp/sent", "rb"))
	    peer.shutdown(socket.SHUT_WR)
	    open("$tmp/got", "wb").write(b"".join(iter(lambda: peer.recv(1 << 20), b"")))
P
edge='{vnf: fw, type: firewall, config: {default: drop, rules: [{action: accept, from: left}]}}'
edge="$edge, {vnf: nat, type: nat, config: {inside: {addresses: [10.0.0.1/24]}, outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1}}}"
edge="$edge, {vnf: rt, type: router, config: {interfaces: [{cp: p0, addresses: [203.0.113.1/24]}, {cp: p1, addresses: [198.51.100.1/24]}]}}"
tcp() { on "$1" nstat -asz "$2" | awk 'END { print $2 }'; } # HOST COUNTER
offloads() { for host in a b; do on $host ethtool -K eth0 tso "$1" gso "$1" gro "$1" tx "$1" >/dev/null 2>&1; done; }
carry() { # DRIVER on|off: a file there and back, with the offloads of the hosts on or off
	local out0 again0 bad0
	offloads "$2"
	out0=$(tcp a TcpOutSegs) again0=$(($(tcp a TcpRetransSegs) + $(tcp b TcpRetransSegs))) bad0=$(($(tcp a TcpInCsumErrors) + $(tcp b TcpInCsumErrors)))
	rm -f "$tmp/got"
	background on b python3 "$tmp/echo.py" serve
	until_true 5 on b bash -c 'ss -ltn | grep -q 5202'
	check "$1, offloads $2: a file goes through firewall, NAT and router, and back" timeout 20 ip netns exec "rg$$-a" python3 "$tmp/echo.py" send
	same "$1, offloads $2: it is the same" "$(sha256sum <"$tmp/sent")" "$(sha256sum <"$tmp/got")"
	check "$1, offloads $2: few segments went twice" [ $((($(tcp a TcpRetransSegs) + $(tcp b TcpRetransSegs) - again0) * 10)) -lt $(($(tcp a TcpOutSegs) - out0 + 1000)) ]
	check "$1, offloads $2: segments leave joined, unless they come whole" [ "$(stats edge '[.ports[].large | .joined + .rx] | add > 10')" = true ]
	same "$1, offloads $2: no checksum was wrong" "$bad0" $(($(tcp a TcpInCsumErrors) + $(tcp b TcpInCsumErrors)))
}
for driver in af_packet af_xdp; do
	for host in a b; do on $host ip neigh flush dev eth0; done
	chain edge "{driver: $driver, interface: pa$$}" "{driver: $driver, interface: pb$$}" "$edge" >/dev/null
	carry $driver on
	carry $driver off
	check "$driver: every buffer is accounted for" renga doctor
	renga delete edge >/dev/null
done
offloads on
for host in a b; do on $host ip neigh flush dev eth0; done

# ---- the chain of the contract in its ETSI form ------------------------------------------------------------------------

vlc() { echo "- {virtual-link-profile-id: vlp-$2, constituent-cpd-id: [{constituent-base-element-id: $1, constituent-cpd-id: $3}]}"; }
cat >"$tmp/nsd.yaml" <<Y
nsd:
- id: edge-1.0
  name: edge
  designer: Example
  version: "1.0"
  vnfd-id: [renga-firewall, renga-nat, renga-router]
  sapd:
  - {id: lan, virtual-link-desc: vl-lan}
  - {id: wan, virtual-link-desc: vl-wan}
  virtual-link-desc: [{id: vl-lan}, {id: vl-1}, {id: vl-2}, {id: vl-wan}]
  df:
  - id: default
    virtual-link-profile:
    - {id: vlp-lan, virtual-link-desc-id: vl-lan}
    - {id: vlp-1, virtual-link-desc-id: vl-1}
    - {id: vlp-2, virtual-link-desc-id: vl-2}
    - {id: vlp-wan, virtual-link-desc-id: vl-wan}
    vnf-profile:
    - id: fw
      vnfd-id: renga-firewall
      renga:config: {default: drop, rules: [{action: accept, from: left}]}
      virtual-link-connectivity:
      $(vlc fw lan left)
      $(vlc fw 1 right)
    - id: nat
      vnfd-id: renga-nat
      renga:config: {inside: {addresses: [10.0.0.1/24]}, outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1}}
      virtual-link-connectivity:
      $(vlc nat 1 inside)
      $(vlc nat 2 outside)
    - id: rt
      vnfd-id: renga-router
      renga:config: {interfaces: [{cp: p0, addresses: [203.0.113.1/24]}, {cp: p1, addresses: [198.51.100.1/24]}]}
      virtual-link-connectivity:
      $(vlc rt 2 p0)
      $(vlc rt wan p1)
Y
nsd=$(api POST /nsd/v1/ns_descriptors '{}' | jq -r .id)
same "the NSD of the contract is onboarded" 204 "$(curl -sS -o "$tmp/body" -w '%{http_code}' -X PUT -H "Authorization: Bearer $(cat "$RENGA_STATE_DIR/admin.token")" \
	-H 'Content-Type: application/yaml' --data-binary "@$tmp/nsd.yaml" "$(cat "$RENGA_RUNTIME_DIR/orchestrator.addr")/nsd/v1/ns_descriptors/$nsd/nsd_content")"
ns=$(api POST /nslcm/v1/ns_instances '{"nsdId": "edge-1.0", "nsName": "etsi", "nsDescription": "by curl"}' | jq -r .id)
same "the service is instantiated" 202 "$(api_status POST "/nslcm/v1/ns_instances/$ns/instantiate" \
	"{\"nsFlavourId\": \"default\", \"additionalParamsForNs\": {\"ports\": {\"lan\": {\"driver\": \"af_packet\", \"interface\": \"pa$$\"}, \"wan\": {\"driver\": \"af_packet\", \"interface\": \"pb$$\"}}}}")"
instantiated() { [ "$(api GET "/nslcm/v1/ns_instances/$ns" | jq -r .nsState)" = INSTANTIATED ]; }
check "it comes up" until_true 10 instantiated
check "it carries traffic" on a ping -c 3 -i 0.05 -W 3 198.51.100.10
same "its VNFs are told with their statistics" '["firewall","nat","router"]' "$(api GET "/renga/v1/stats/ns/$ns" | jq -c '[.vnfs[].type] | sort')"
same "it is terminated" 202 "$(api_status POST "/nslcm/v1/ns_instances/$ns/terminate" '{"terminationType": "FORCEFUL"}')"
gone() { [ "$(api GET "/nslcm/v1/ns_instances/$ns" | jq -r .nsState)" = NOT_INSTANTIATED ]; }
check "to its end" until_true 10 gone
check "every buffer is accounted for" renga doctor
