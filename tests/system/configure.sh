#!/usr/bin/env bash
# A firewall that is given 10,000 rules while it works: no packet meets a mixture of old and new rules, and sessions that
# the new rules forbid end if asked for (half-load.sh: nothing is lost).
. "$(dirname "$0")/../lib/system.sh"
tests=8
plan $tests
need_root
need_huge_pages 256

rules() { /usr/bin/python3 tests/lib/rules.py "$@"; }
accept() { echo "{\"name\": \"$1\", \"action\": \"accept\", \"from\": \"left\", \"proto\": \"udp\", \"dport\": $2}"; }
rules 10000 sessions=recheck "$(accept old 7001)" >"$tmp/old.json"
rules 10000 sessions=recheck "$(accept new 7002)" >"$tmp/new.json"

host a eth0 10.9.0.1/24 "" "ca$$"
host b eth0 10.9.0.2/24 "" "cb$$"
{
	echo "kind: Chain"
	echo "name: wall"
	echo "ports: {in: {driver: af_packet, interface: ca$$}, out: {driver: af_packet, interface: cb$$}}"
	echo "path: [in, {vnf: fw, type: firewall, config: $(cat "$tmp/old.json")}, out]"
} >"$tmp/wall.yaml"
check "the platform comes up" platform_up
check "a chain with 10,000 rules is applied" renga apply -f "$tmp/wall.yaml"
query() { api GET "/renga/v1/stats/vnf/$1" | jq -c "$2"; }
wall=$(api GET /renga/v1/chains/wall | jq -r '.vnfs[] | select(.vnf == "fw").vnfInstanceId')
n_rules() { # JQ-PATH: of the reply on stdin
	jq "$1 | .config.rules | length"
}
same "a chain and a VNF show the configuration; of a list of VNFs only who asks for all sees it" \
	"$(jq '.rules | length' "$tmp/old.json" | sed 'p;p' | tr '\n' ' ')0 " \
	"$({
		api GET /renga/v1/chains/wall | n_rules '.actual.vnfs[0]'
		api GET "/vnflcm/v1/vnf_instances/$wall" | n_rules .vnfConfigurableProperties
		api GET '/vnflcm/v1/vnf_instances?all_fields' | n_rules '.[0].vnfConfigurableProperties'
		api GET /vnflcm/v1/vnf_instances | n_rules '.[0].vnfConfigurableProperties'
	} | tr '\n' ' ')"

# ---- no mixture --------------------------------------------------------------------------------------------------------
# Numbered datagrams, by turns to a port that only the old rules accept and to one that only the new ones do.

configured=$tmp/configured wire <<'P'
import subprocess, threading
TMP = os.environ["configured"].rsplit("/", 1)[0]
NUMBER = struct.Struct("!Q")
there = [bound("b", "udp", "10.9.0.2", port) for port in (7001, 7002)]
for s in there:
    s.setsockopt(socket.SOL_SOCKET, 33, 1 << 26)  # SO_RCVBUFFORCE
    s.setblocking(False)
here = bound("a", "udp", "10.9.0.1")
sent, over, accepts = 0, False, (7001, 7002, 7001)

def send():
    global sent
    due = time.monotonic()
    while not over:
        for _ in range(10):
            here.sendto(NUMBER.pack(sent), ("10.9.0.2", 7001 + sent % 2))
            sent += 1
        due += 0.001
        time.sleep(max(0, due - time.monotonic()))

came = set()

def take(seconds):
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        for s in select.select(there, [], [], left)[0]:
            try:
                while True:
                    came.add(NUMBER.unpack(s.recv(100))[0])
            except BlockingIOError:
                pass

def configure(name):
    done = subprocess.Popen(["renga", "vnf", "configure", "wall.fw", "--wait=60", "-f", f"{TMP}/{name}.json"],
                            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    while done.poll() is None:
        take(0.02)
    if done.returncode:
        check(f"10,000 {name} rules are taken over", False, done.stderr.read().decode())

def settled():
    """The numbers that have passed, in order, once one beyond all that were sent before has."""
    last, end = sent + 10, time.monotonic() + PATIENCE
    while time.monotonic() < end and max(came, default=0) <= last:
        take(0.02)
    return sorted(came)

def missing(passed):
    """How often the accepted port changed, and how many datagrams of accepted ones are not there."""
    steps = [b - a for a, b in zip(passed, passed[1:])]
    # Where the rules change, at most one datagram of each port lies between.
    return sum(s % 2 for s in steps), sum(max(0, s - 3) if s % 2 else s // 2 - 1 for s in steps)

def one_round():
    """Changes, lost, and if any were, lost in as long a time without new rules."""
    came.clear()
    begun = time.monotonic()
    for name in "new", "old":
        take(0.2)
        configure(name)
    take(0.2)
    changes, lost = missing(settled())
    if not lost:
        return changes, 0, 0
    came.clear()
    take(time.monotonic() - begun)
    return changes, lost, missing(settled())[1]

thread = threading.Thread(target=send, daemon=True)
thread.start()
time.sleep(0.3)
rounds = [one_round()]
if rounds[0][1]:
    rounds.append(one_round())
over = True
thread.join()
print(f"# changes, lost, lost without a change: {rounds}")
same("each datagram met the old rules or the new ones, in order [COM-6 FW-5]", [2] * len(rounds), [r[0] for r in rounds])
check("none was lost by it [COM-6 FW-5]", any(not lost or quiet for _, lost, quiet in rounds), rounds)
P
echo "# drops: $(api GET "/renga/v1/stats/ns/$(api GET /renga/v1/chains/wall | jq -r .nsInstanceId)" |
	jq -c '[(.ports[] | {name, rxPackets, txPackets, drops}), (.vnfs[] | .drops)] | map(if .drops then .drops |= with_entries(select(.value > 0)) else with_entries(select(.value > 0)) end)')"
check "sessions that the new rules forbade have ended, each time" \
	[ "$(query "$wall" 'if .recheck.pending then 0 else .recheck.ended end')" -ge 2 ]

same "the audit is clean" '0' "$(api GET /renga/v1/doctor | jq '[.buffers[].missing] | add')"
check "the platform goes down" platform_down
