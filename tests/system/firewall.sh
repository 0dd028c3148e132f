#!/usr/bin/env bash
# The firewall of the contract, with real traffic: its example as written, states, related ICMP, reject, the default, IPv6,
# counters, malformed frames, and configurations changed while it runs.
# Beside others.
. "$(dirname "$0")/../lib/system.sh"
tests=73
plan $tests
need_root
need_huge_pages 256

cat >"$tmp/contract.yaml" <<'Y'
default: drop                  # what meets traffic that no rule matches: drop | accept
stateful: true                 # replies and related ICMP of an accepted flow pass without a rule
non-ip: accept                 # ARP and other non-IP frames: accept | drop
rules:                         # first match wins; replaced as a whole, atomically
- name: web                    # shown with its counters
  action: accept               # accept | drop | reject (TCP RST, ICMP unreachable)
  from: left                   # connection point it came in by; either if absent
  proto: tcp                   # tcp udp icmp icmpv6 sctp gre esp, a number, or any
  src: [10.0.0.0/8, "2001:db8::/32"]
  dst: 198.51.100.0/24
  sport: 1024-65535
  dport: [80, 443, 8000-8100]
  icmp: {type: 8, code: 0}
  tcp-flags: {mask: [syn, ack], set: [syn]}
  log: false
max-sessions: 65536
timeouts: {tcp-established: 2h4m, tcp-transitory: 4m, udp: 5m, icmp: 60s}
Y
same "the contract's example is taken as written" '[]' "$(renga-vnf --check firewall "$tmp/contract.yaml" | jq -c .faults)"
for proto in tcp udp icmp icmpv6 sctp gre esp 47 any; do echo "{action: accept, proto: $proto}"; done |
	sed 's/^/- /; 1i rules:' >"$tmp/protocols.yaml"
same "so is every protocol" '[]' "$(renga-vnf --check firewall "$tmp/protocols.yaml" | jq -c .faults)"

host a eth0 10.9.0.1/24 "" "fa$$"
host b eth0 10.9.0.2/24 "" "fb$$"
ip -n "rg$$-a" addr add fd00:9::1/64 dev eth0 nodad
ip -n "rg$$-b" addr add fd00:9::2/64 dev eth0 nodad

config() { # the configuration of the chain; what it is given is put before its rules
	cat <<-Y
		default: drop
		rules:
		$1
		- {name: web, action: accept, from: left, proto: tcp, dst: [10.9.0.2, "fd00:9::2"], dport: [80, 443, 8000-8100]}
		- {name: ping, action: accept, from: left, proto: icmp, icmp: {type: 8, code: 0}}
		- {name: ping6, action: accept, from: left, proto: icmpv6, icmp: {type: 128}}
		- {name: telnet, action: reject, proto: tcp, dport: 23}
		- {name: ntp, action: reject, proto: udp, dport: 123}
		- {name: tunnel, action: reject, from: left, proto: gre}
		- {name: bogon, action: drop, from: left, src: 10.66.0.0/16}
		- {name: dns, action: accept, from: left, proto: udp, sport: 1024-65535, dport: 53}
		- {name: number, action: accept, from: left, proto: 89}
		- {name: syn-only, action: accept, from: left, proto: tcp, dport: 7, tcp-flags: {mask: [syn, ack], set: syn}}
	Y
}
{
	cat <<-Y
		kind: Chain
		name: wall
		ports: {in: {driver: af_packet, interface: fa$$}, out: {driver: af_packet, interface: fb$$}}
		path:
		- in
		- vnf: fw
		  type: firewall
		  config:
	Y
	config | sed 's/^/    /'
	echo "- out"
} >"$tmp/wall.yaml"
check "the platform comes up" platform_up
check "the chain is applied" renga apply -f "$tmp/wall.yaml"
fw=$(api GET /renga/v1/chains/wall | jq -r '.vnfs[0].vnfInstanceId')
stats() { api GET "/renga/v1/stats/vnf/$fw" | jq -c "$1"; }
same "at first every rule has counted nothing" \
	'["web","ping","ping6","telnet","ntp","tunnel","bogon","dns","number","syn-only","default"] 0' \
	"$(stats '[.rules[].name]') $(stats '[.rules[] | .packets + .bytes] | add')"

# ---- hosts -------------------------------------------------------------------------------------------------------------

check "ping" on a ping -c 2 -i 0.05 -W 3 10.9.0.2
check "ping of IPv6, neighbours found through default: drop" on a ping -c 2 -i 0.05 -W 3 fd00:9::2
check_not "no ping from right" on b ping -c 1 -W 1 10.9.0.1
same "echo requests are counted by their rule, without FCS" '{"name":"ping","packets":2,"bytes":196}' "$(stats '.rules[] | select(.name == "ping")')"
same "in IPv6 too" '{"name":"ping6","packets":2,"bytes":236}' "$(stats '.rules[] | select(.name == "ping6")')"
wire <<'P'
for left, right in ("10.9.0.1", "10.9.0.2"), ("fd00:9::1", "fd00:9::2"):
    v = "IPv6" if ":" in left else "IPv4"
    for port in 80, 443, 8000, 8100:
        server = bound("b", "tcp", right, port)
        client = connect("a", left, (right, port))
        if not check(f"{v}: TCP to port {port} passes", isinstance(client, socket.socket), client):
            continue
        s, _ = server.accept()
        s.sendall(b"x" * 100000)
        s.close()
        n = 0
        while data := client.recv(65536):
            n += len(data)
        same(f"{v}: and its answers", 100000, n)
        client.close()
    refused = connect("a", left, (right, 23))
    check(f"{v}: TCP is rejected by a RST", isinstance(refused, ConnectionRefusedError), refused)
    udp = bound("a", "udp", left)
    udp.connect((right, 123))
    udp.send(b"time?")
    try:
        udp.recv(100)
        check(f"{v}: UDP is rejected by port unreachable", False, "an answer")
    except OSError as e:
        check(f"{v}: UDP is rejected by port unreachable", isinstance(e, ConnectionRefusedError), repr(e))
server = bound("a", "tcp", "10.9.0.1", 80)
e = connect("b", "10.9.0.2", ("10.9.0.1", 80), 1)
check("nothing opens from right", isinstance(e, TimeoutError), e)
P

# ---- frames ------------------------------------------------------------------------------------------------------------

before=$(stats .drops)
wire <<'P'
a, b = Wire("a"), Wire("b")
l2 = Ether(src=a.mac, dst="02:00:00:00:00:99")
r2 = Ether(src=b.mac, dst="02:00:00:00:00:98")
l = l2 / IP(src="10.9.0.77", dst="10.9.0.99")
r = r2 / IP(src="10.9.0.99", dst="10.9.0.77")

def passes(name, f, t, packet):
    got = carried(f, t, packet)
    check(name, got is not None, packet.summary())
    return got

def stops(name, f, t, packet):
    got = carried(f, t, packet)
    check(name, got is None, got and got.summary())

ask = l / UDP(sport=5000, dport=53)
stops("an answer without a question is stopped", b, a, r / UDP(sport=53, dport=5000))
there = passes("a question passes", a, b, ask)
same("unchanged", (a.mac, 64), (there.src, there.ttl))
passes("its answer passes", b, a, r / UDP(sport=53, dport=5000))
stops("an answer from another port is stopped", b, a, r / UDP(sport=54, dport=5000))
quoted = there[IP]
router = r2 / IP(src="10.9.0.254", dst="10.9.0.77")
passes("time exceeded about it passes", b, a, router / ICMP(type=11, code=0) / quoted)
passes("fragmentation needed too", b, a, router / ICMP(type=3, code=4, nexthopmtu=1400) / quoted)
passes("port unreachable too", b, a, router / ICMP(type=3, code=3) / quoted)
other = IP(src="10.9.0.77", dst="10.9.0.99") / UDP(sport=5001, dport=53)
stops("an error about no flow is stopped", b, a, router / ICMP(type=3, code=3) / other)
stops("a redirect is stopped", b, a, router / ICMP(type=5, code=1) / quoted)
stops("a source port outside the range is stopped", a, b, l / UDP(sport=1000, dport=53))
stops("a source that is dropped is stopped", a, b, l2 / IP(src="10.66.1.1", dst="10.9.0.99") / UDP(sport=5000, dport=53))
passes("a protocol by its number passes", a, b, l2 / IP(src="10.9.0.77", dst="10.9.0.99", proto=89))
passes("a SYN passes where the flags say so", a, b, l / TCP(sport=6000, dport=7, flags="S"))
stops("a SYN with ACK does not", a, b, l / TCP(sport=6001, dport=7, flags="SA"))

a.drain()
a.send(l2 / IP(src="10.9.0.77", dst="10.9.0.99", proto=47) / Raw(bytes(8)))
answer = a.next(lambda p: ICMP in p)
same("another protocol is rejected as prohibited, in the name of its destination", (3, 13, "10.9.0.99", "10.9.0.77"),
     answer and (answer[ICMP].type, answer[ICMP].code, answer[IP].src, answer[IP].dst))

bad = bytearray(bytes(l / UDP(sport=5000, dport=53) / Raw(b"x" * 32)))
a.send(bad[:14] + bytes([0x43]) + bad[15:], bad[:30], bad[:16] + b"\xff\xff" + bad[18:])
P
drops() { jq -n --argjson a "$before" --argjson b "$(stats .drops)" "((\$b.\"$1\" // 0) - (\$a.\"$1\" // 0))"; }
wait_drops() { [ "$(drops "$1")" = "$2" ]; }
check "three malformed frames are counted as such" until_true 3 wait_drops malformed 3
same "those of the drop rule" 1 "$(drops rule-drop)"
same "the rejected one" 1 "$(drops rejected)"
same "those without a rule" 5 "$(drops no-rule)"
same "a SYN with ACK of no connection contradicts its state" 1 "$(drops invalid-state)"
# The firewall made a RST and an unreachable for each family, and one for GRE.
same "what came in went out or was dropped; beside that there are five answers of its own" 5 \
	"$(stats '([.cps[].txPackets] | add) + ([.drops[]] | add) - ([.cps[].rxPackets] | add)')"

# ---- questions ---------------------------------------------------------------------------------------------------------

matches "a packet is told its verdict and its rule [FW-16]" '^from left: accept by web$' \
	"$(renga vnf explain-packet wall.fw "tcp 10.9.0.1:1234 > 10.9.0.2:80 from left")"
matches "and why the rules before do not match [FW-16]" 'ping +proto' \
	"$(renga vnf explain-packet wall.fw "udp [fd00:9::1]:1234 > [fd00:9::2]:53 from left")"
renga vnf explain-packet wall.fw "udp here > there" >/dev/null 2>&1
same "a packet that cannot be is bad input [FW-16]" 6 $?
same "no rule of these is shadowed [FW-16]" "every rule has its use" "$(renga vnf shadowed wall.fw)"
matches "sessions are listed by filter" '"total": [0-9]+' "$(renga -o json vnf query wall.fw sessions proto=tcp limit=2)"
check "the counters of a rule begin anew [FW-4]" renga vnf reset-counters wall.fw ping6
same "and those of others stay [FW-4]" '{"name":"ping","packets":2,"bytes":196} {"name":"ping6","packets":0,"bytes":0}' \
	"$(stats '.rules[] | select(.name | startswith("ping"))' | paste -sd' ')"
renga vnf reset-counters wall.fw nothing 2>/dev/null
same "a rule that is not there is not found" 3 $?

# ---- day 2 -------------------------------------------------------------------------------------------------------------

sessions=$(stats .sessions)
check "sessions are counted" test "$sessions" -ge 8
background on b iperf3 -s -p 8001
until_true 5 on b bash -c 'exec 3<>/dev/tcp/127.0.0.1/8001'
background on a iperf3 -c 10.9.0.2 -p 8001 -t 3
transfer=$!
sleep 0.7
config '- {name: no-web, action: drop, proto: tcp, dport: 8001}' >"$tmp/more.yaml"
check "rules are replaced while TCP runs" renga vnf configure wall.fw -f "$tmp/more.yaml"
refined() { renga logs wall.fw | grep -q "configuration refined"; }
check "a rule more is in force before all are compiled, which follows [FW-5]" until_true 10 refined
wait $transfer
same "an accepted flow goes on although its rule is gone" 0 $?
check "a new one is stopped" bash -c "! ip netns exec rg$$-a nc -z -w 1 10.9.0.2 8001"
same "the counters of a rule that stays stay" 2 "$(stats '.rules[] | select(.name == "ping").packets')"
check_not "a bad configuration is refused" renga vnf configure wall.fw --set default=perhaps
config "" >"$tmp/less.yaml"
renga vnf configure wall.fw -f "$tmp/less.yaml" >/dev/null
check "the rule goes again" on a nc -z -w 2 10.9.0.2 8001
renga vnf configure wall.fw --set non-ip=drop >/dev/null
on a ip neigh flush dev eth0
check_not "non-ip: drop stops ARP" on a ping -c 1 -W 1 10.9.0.2
renga vnf configure wall.fw --set non-ip=accept --set stateful=false >/dev/null
check_not "stateful: false stops replies" on a ping -c 1 -W 1 10.9.0.2
renga vnf configure wall.fw --set default=accept --set rules=[] >/dev/null
check "default: accept lets everything pass" on b ping -c 1 -W 2 10.9.0.1
check "every buffer is accounted for [COM-1]" renga doctor
