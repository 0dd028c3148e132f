#!/usr/bin/env bash
# The NAT of the contract, with real hosts: its example as written, mappings, filtering, static mappings, hairpinning, ICMP,
# limits, fragments, MTU, and configurations changed while it runs.
# Beside others.
. "$(dirname "$0")/../lib/system.sh"
tests=54
plan $tests
need_root
need_huge_pages 256

cat >"$tmp/contract.yaml" <<'Y'
inside:  {addresses: [10.0.0.1/24], mac: auto, routes: [{prefix: 10.1.0.0/16, via: 10.0.0.254}]}
outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1}
pool: [203.0.113.2, 203.0.113.16-203.0.113.31]    # default: the outside address
ports: 1024-65535
mapping: endpoint-independent
filtering: address-dependent   # endpoint-independent | address-dependent | address-and-port-dependent
hairpinning: true
static: [{proto: tcp, outside: "203.0.113.2:8080", inside: "10.0.0.10:80"}]
max-sessions: 65536
max-sessions-per-host: 0       # 0: no limit
timeouts: {tcp-established: 2h4m, tcp-transitory: 4m, udp: 5m, icmp: 60s}
Y
same "the contract's example is taken as written" '[]' "$(renga-vnf --check nat "$tmp/contract.yaml" | jq -c .faults)"

# 10.0.0.10, .11, .12 and 10.1.0.5 (behind 10.0.0.254) -- NAT -- 203.0.113.1, .7, .8
host in eth0 10.0.0.10/24 10.0.0.1 "ni$$"
for address in 10.0.0.11/24 10.0.0.12/24 10.0.0.254/24 10.1.0.5/32; do ip -n "rg$$-in" addr add "$address" dev eth0; done
host out eth0 203.0.113.1/24 "" "no$$"
for address in 203.0.113.7/24 203.0.113.8/24; do ip -n "rg$$-out" addr add "$address" dev eth0; done
{
	cat <<-Y
		kind: Chain
		name: gate
		ports: {in: {driver: af_packet, interface: ni$$}, out: {driver: af_packet, interface: no$$}}
		path:
		- in
		- vnf: nat
		  type: nat
		  config:
	Y
	sed 's/^/    /' "$tmp/contract.yaml"
	echo "- out"
} >"$tmp/gate.yaml"
check "the platform comes up" platform_up
check "the chain is applied" renga apply -f "$tmp/gate.yaml"
nat=$(api GET /renga/v1/chains/gate | jq -r '.vnfs[0].vnfInstanceId')
stats() { api GET "/renga/v1/stats/vnf/$nat" | jq -c "$1"; }
configure() { renga vnf configure gate.nat "$@" >/dev/null; }

# ---- hosts -------------------------------------------------------------------------------------------------------------

check "ping through it" on in ping -c 2 -i 0.05 -W 3 203.0.113.1
check "ping from the network behind an inside router" on in ping -I 10.1.0.5 -c 2 -i 0.05 -W 3 203.0.113.1
check "ping of its inside address" on in ping -c 1 -W 2 10.0.0.1
check "ping of its outside address, from outside" on out ping -c 1 -W 2 203.0.113.2
check "ping of its outside address, from inside" on in ping -c 1 -W 2 203.0.113.2
check_not "inside is not reached by its own addresses" on out ping -c 1 -W 1 10.0.0.10
matches "traceroute sees it" '10\.0\.0\.1 .*203\.0\.113\.1 ' "$(on in traceroute -n -q 1 -w 1 -m 3 203.0.113.1 2>&1 | tail -n +2 | tr '\n' ' ')"
matches "traceroute of ICMP sees it" '10\.0\.0\.1 .*203\.0\.113\.1 ' "$(on in traceroute -I -n -q 1 -w 1 -m 3 203.0.113.1 2>&1 | tail -n +2 | tr '\n' ' ')"
check "fragments pass, out and in" on in ping -c 2 -i 0.05 -W 3 -s 4000 203.0.113.1
background on out iperf3 -s
until_true 5 on out bash -c 'exec 3<>/dev/tcp/127.0.0.1/5201'
check "TCP" until_true 10 on in iperf3 -c 203.0.113.1 -t 1
check "TCP, the other way" until_true 10 on in iperf3 -c 203.0.113.1 -t 1 -R
check "UDP" until_true 10 on in iperf3 -c 203.0.113.1 -t 1 -u -b 20M

# ---- mapping, filtering ------------------------------------------------------------------------------------------------

cat >"$tmp/common.py" <<'P'
def udp_pair(source="10.0.0.10"):
    """An inside socket, the outside sockets at .1, .7 and .7 with another port."""
    return bound("in", "udp", source), bound("out", "udp", "203.0.113.1", 0), bound("out", "udp", "203.0.113.7", 0), bound("out", "udp", "203.0.113.7", 0)

def got(s, seconds=PATIENCE):
    s.settimeout(seconds)
    try:
        return s.recvfrom(2000)
    except TimeoutError:
        return None, None
    finally:
        s.settimeout(PATIENCE)

def reaches(inside, outside, end, known):
    """Whether a datagram of outside gets to inside; one of known, that may, is sent behind it."""
    token, last = unique(), unique()
    outside.sendto(token, end)
    known.sendto(last, end)
    data, _ = got(inside)
    if data == token:
        got(inside)
    elif data != last:
        raise TimeoutError("the datagram that may pass did not")
    return data == token
P
with() { # like wire, with common.py before the script
	local script
	script=$(cat "$tmp/common.py" -)
	wire <<<"$script"
}
with <<'P'
pool = ["203.0.113.2"] + [f"203.0.113.{n}" for n in range(16, 32)]
c, s1, s7, s7b = udp_pair()
ends = []
for s in s1, s7, s7b:
    c.sendto(b"hello", s.getsockname())
    ends.append(got(s)[1])
check("the outside end is of the pool and of the ports", ends[0] and ends[0][0] in pool and 1024 <= ends[0][1] <= 65535, ends)
check("a mapping is the same to every peer (endpoint-independent)", len(set(ends)) == 1, ends)
s1.sendto(b"answer", ends[0])
same("answers come back from whom was asked", (b"answer", s1.getsockname()), got(c))
c2, *_ = udp_pair()
c2.sendto(b"hello", s1.getsockname())
end2 = got(s1)[1]
check("another port of a host has the same address and another port (paired)", end2[0] == ends[0][0] and end2[1] != ends[0][1], ends[0], end2)
c3, s1, s7, s7b = udp_pair()
c3.sendto(b"hello", s7.getsockname())
end = got(s7)[1]
check("address-dependent: another port of a known peer may send", reaches(c3, s7b, end, s7))
check("address-dependent: another host may not", not reaches(c3, s1, end, s7))
with at("in"):
    t = socket.socket()
t.bind(("10.0.0.10", 0))
server = bound("out", "tcp", "203.0.113.1", 7001)
t.settimeout(PATIENCE)
t.connect(("203.0.113.1", 7001))
_, peer = server.accept()
check("TCP too", peer[0] == ends[0][0], peer)
P
configure --set filtering=endpoint-independent
with <<'P'
c, s1, s7, s7b = udp_pair()
c.sendto(b"hello", s7.getsockname())
end = got(s7)[1]
check("endpoint-independent: another host may send", reaches(c, s1, end, s7))
P
configure --set filtering=address-and-port-dependent
with <<'P'
c, s1, s7, s7b = udp_pair()
c.sendto(b"hello", s7.getsockname())
end = got(s7)[1]
check("address-and-port-dependent: another port may not send", not reaches(c, s7b, end, s7))
check("nor another host", not reaches(c, s1, end, s7))
P
check "what is filtered is counted as such" test "$(stats .drops.filtered)" -ge 3
configure --set filtering=address-dependent

# ---- servers inside, hairpinning ---------------------------------------------------------------------------------------

with <<'P'
web = bound("in", "tcp", "10.0.0.10", 80)
c = connect("out", "203.0.113.8", ("203.0.113.2", 8080))
if check("a static mapping is reached from outside", isinstance(c, socket.socket), c):
    s, peer = web.accept()
    same("the server sees the client's address", "203.0.113.8", peer[0])
    s.sendall(b"page" * 10000)
    s.close()
    data = b""
    while more := c.recv(65536):
        data += more
    same("and answers", 40000, len(data))
e = connect("out", "203.0.113.8", ("203.0.113.2", 8081), 1)
check("other ports are not", not isinstance(e, socket.socket), e)
c = connect("in", "10.0.0.11", ("203.0.113.2", 8080))
if check("an inside host reaches it by its outside end (hairpinning)", isinstance(c, socket.socket), c):
    s, peer = web.accept()
    check("and is seen by its own outside end", peer[0].startswith("203.0.113."), peer)
    c.sendall(b"request")
    same("data passes", b"request", s.recv(100))
with at("in"):
    t = socket.socket()
t.bind(("10.0.0.10", 81))
# two hosts inside, by mappings that they made
a, s1, s7, _ = udp_pair("10.0.0.10")
b, *_ = udp_pair("10.0.0.11")
a.sendto(b"x", s1.getsockname())
ea = got(s1)[1]
b.sendto(b"x", s1.getsockname())
eb = got(s1)[1]
b.sendto(b"first", ea)  # lets a in, by address
got(a, 0.2)
a.sendto(b"over there", eb)
same("UDP is hairpinned, with the outside end as source", (b"over there", ea), got(b))
P
configure --set hairpinning=false
with <<'P'
e = connect("in", "10.0.0.11", ("203.0.113.2", 8080), 1)
check("hairpinning: false ends that", not isinstance(e, socket.socket), e)
P
configure --set hairpinning=true

# ---- ICMP, limits ------------------------------------------------------------------------------------------------------

with <<'P'
c = bound("in", "udp", "10.0.0.10")
c.connect(("203.0.113.1", 9))  # nobody listens
c.send(b"?")
try:
    c.recv(100)
    check("port unreachable finds the inside host", False)
except OSError as e:
    check("port unreachable finds the inside host", isinstance(e, ConnectionRefusedError), repr(e))
i, o = Wire("in"), Wire("out")
gw = i.next
s = bound("out", "udp", "203.0.113.1", 0)
u = bound("in", "udp", "10.0.0.10")
i.drain(), o.drain()
u.sendto(b"quote me", s.getsockname())
out = o.next(lambda p: b"quote me" in bytes(p))
inner = out[IP]
error = Ether(src=o.mac, dst=out.src) / IP(src="198.51.100.9", dst=inner.src) / ICMP(type=3, code=4, nexthopmtu=1280) / Raw(bytes(inner))
o.send(error)
got = i.next(lambda p: ICMP in p and p[ICMP].type == 3 and p[ICMP].code == 4)
if check("fragmentation needed from a router outside comes in", got is not None):
    q = got[IPerror]
    same("with what the inside host sent", ("10.0.0.10", u.getsockname()[1], "203.0.113.1", s.getsockname()[1], 1280),
         (q.src, got[UDPerror].sport, q.dst, got[UDPerror].dport, got[ICMP].nexthopmtu))
    same("from the router that sent it, to the host", ("198.51.100.9", "10.0.0.10"), (got[IP].src, got[IP].dst))
    whole = IP(bytes(got[IP]))
    sums = whole.chksum, whole[ICMP].chksum, whole[IPerror].chksum
    del whole.chksum, whole[ICMP].chksum
    again = IP(bytes(whole))
    same("and good checksums", sums[:2], (again.chksum, again[ICMP].chksum))
inside = Ether(src=i.mac, dst=got.src) if got else None
i.drain()
i.send(inside / IP(src="10.0.0.10", dst="203.0.113.1", ttl=1) / UDP(sport=7777, dport=7777))
late = i.next(lambda p: ICMP in p and p[ICMP].type == 11)
same("a TTL of 1 ends here", ("10.0.0.1", 0, 7777), late and (late[IP].src, late[ICMP].code, late[UDPerror].sport))
P
before=$(stats .drops.malformed)
wire <<'P'
i = Wire("in")
l2 = bytes(Ether(src=i.mac, dst="ff:ff:ff:ff:ff:ff", type=0x0800))
i.send(l2 + bytes(8), l2 + b"\x43" + bytes(40))
P
malformed() { [ "$(stats .drops.malformed)" = $((before + 2)) ]; }
check "malformed frames are counted as such" until_true 3 malformed

configure --set max-sessions-per-host=5
with <<'P'
s = bound("out", "udp", "203.0.113.1", 0)
sockets = [bound("in", "udp", "10.0.0.12") for _ in range(8)]
told = 0
for u in sockets:
    u.connect(s.getsockname())
    u.send(unique())
arrived = 0
while got(s, 0.3)[0]:
    arrived += 1
same("max-sessions-per-host holds", 5, arrived)
u = bound("in", "udp", "10.0.0.11")
u.sendto(b"another", s.getsockname())
same("for each host by itself", b"another", got(s)[0])
P
same "and is counted" 3 "$(stats '.drops."host-quota"')"
configure --set max-sessions-per-host=0

before=$(stats .sessions)
configure --set timeouts.udp=1s
with <<'P'
s = bound("out", "udp", "203.0.113.1", 0)
for u in [bound("in", "udp", "10.0.0.12") for _ in range(20)]:
    u.sendto(unique(), s.getsockname())
same("twenty more flows pass", 20, len([1 for _ in range(20) if got(s)[0]]))
P
fewer() { [ "$(stats .sessions)" -le "$before" ]; }
check "their sessions end after the time that is configured" until_true 10 fewer
configure --set timeouts.udp=5m --set max-sessions=$(($(stats .sessions) + 3))
with <<'P'
s = bound("out", "udp", "203.0.113.1", 0)
for u in [bound("in", "udp", "10.0.0.12") for _ in range(6)]:
    u.sendto(unique(), s.getsockname())
arrived = 0
while got(s, 0.3)[0]:
    arrived += 1
same("max-sessions holds", 3, arrived)
P
same "and is counted" 3 "$(stats '.drops."sessions-full"')"
configure --set max-sessions=65536

# ---- MTU, counters -----------------------------------------------------------------------------------------------------

configure --set outside.mtu=1400
refused=$(on in ping -c 2 -i 0.1 -W 1 -M do -s 1400 203.0.113.7 2>&1)
matches "outside.mtu: who may not be fragmented is told" 'mtu ?= ?1400|Frag needed' "$refused"
check "smaller ones pass" on in ping -c 1 -W 2 -M do -s 1300 203.0.113.7
check "icmp-rate is taken" configure --set icmp-rate.per-destination=100 --set icmp-rate.total=500
check_not "a pool with an inside address is refused" configure --set 'pool=["10.0.0.9"]'
check "every buffer is accounted for [COM-1]" renga doctor
