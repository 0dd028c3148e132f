#!/usr/bin/env bash
# VNFs of a running chain are scaled out and in: no packet is lost, no session moves, each replica has its share, and what one
# replica suffers concerns its share alone. SCALE_STEPS: what is done; FAULT_REPORT: a file that gets the figures as a JSON line.
. "$(dirname "$0")/../lib/system.sh"
. tests/fault/lib.sh
tests=35
plan $tests
need_root
need_huge_pages 384
unset RENGA_PLUGINS
export CRASH_WINDOW=30

host client eth0 10.0.0.10/24 10.0.0.1 "sl$$"
host server eth0 198.51.100.10/24 198.51.100.1 "sr$$"
for i in {100..139}; do ip -n "rg$$-client" addr add "10.0.0.$i/24" dev eth0; done
check "the platform comes up" fault_platform_up
cat >"$tmp/edge.yaml" <<-Y
	kind: Chain
	name: edge
	ports: {lan: {driver: af_packet, interface: sl$$}, wan: {driver: af_packet, interface: sr$$}}
	path:
	- lan
	- {vnf: fw, type: firewall, config: {default: drop, rules: [{action: accept, from: left}], timeouts: {udp: 2s, tcp-transitory: 1s}}}
	- {vnf: mid, type: passthrough}
	- {vnf: nat, type: nat, replicas: 1, config: {inside: {addresses: [10.0.0.1/24]}, outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1}, pool: [203.0.113.2-203.0.113.99], timeouts: {udp: 2s, tcp-transitory: 1s}}}
	- {vnf: rt, type: router, config: {interfaces: [{cp: p0, addresses: [203.0.113.1/24]}, {cp: p1, addresses: [198.51.100.1/24]}]}}
	- wan
Y
check "a chain without replicas" renga apply -f "$tmp/edge.yaml"
python3 tests/fault/scale.py --chain edge --client "rg$$-client" --server "rg$$-server" --target 198.51.100.10 --network 10.0.0 --kill \
	${SCALE_STEPS:-fw:out nat:out rt:out mid:out fw:out nat:out fw:upgrade nat:upgrade rt:move fw:in mid:in nat:in rt:in nat:in fw:in} >"$tmp/scale" 2>"$tmp/scale.log"
[ -n "$FAULT_REPORT" ] && cat "$tmp/scale" >>"$FAULT_REPORT"
found() { jq -r --arg kind "$1" '.violations[$kind][]' "$tmp/scale" 2>&1 | head -20; }
same "the suite ran to its end" "" "$([ -s "$tmp/scale" ] || tail -5 "$tmp/scale.log")"
same "every step is carried out" "" "$(found applied)"
same "no datagram is lost" "" "$(found loss)"
same "no session moves, none breaks" "" "$(found sessions)"
same "each replica has its share" "" "$(found share)"
same "the figures of a VNF are the sums of its replicas'" "" "$(found counters)"
same "every buffer is accounted for" "" "$(found audit)"
same "a killed replica comes back with its sessions, the others do not notice" "" "$(found kill)"
same "nothing is left behind" "" "$(found leftovers)"

# The same as one process, which is copied as a whole.
sed 's/^name: edge/&\nisolation: group/' "$tmp/edge.yaml" >"$tmp/group.yaml"
check "all of them are joined in a group" renga apply -f "$tmp/group.yaml"
python3 tests/fault/scale.py --chain edge --client "rg$$-client" --server "rg$$-server" --target 198.51.100.10 --network 10.0.0 \
	fw:out fw:in >"$tmp/group" 2>"$tmp/group.log"
same "a group is scaled out and in, and nothing is lost" "" "$([ -s "$tmp/group" ] || tail -5 "$tmp/group.log")$(jq -r '.violations[][]' "$tmp/group" 2>&1 | head -20)"
same "as a whole: its VNFs are scaled together" "2 2 2 2" "$(renga vnf scale edge.nat out --wait=30 >/dev/null
	for vnf in fw mid nat rt; do renga get vnf edge.$vnf -o json | jq '.instantiatedVnfInfo.vnfcResourceInfo | length'; done | xargs)"
same "each replica of it is one process" "1 1" "$(for i in 0 1; do
	for vnf in fw mid nat rt; do renga get vnf edge.$vnf -o json | jq ".instantiatedVnfInfo.vnfcResourceInfo[$i].metadata.pid"; done | sort -u | wc -l; done | xargs)"
matches "a group of which only some have replicas is refused" "has replicas as a whole.*'fw' has 2 and 'mid' 1" \
	"$(sed 's/type: firewall,/type: firewall, replicas: 2,/' "$tmp/group.yaml" | renga apply -f - 2>&1)"
check "and all are parted again" renga apply -f "$tmp/edge.yaml"

sed -i 's/type: firewall,/type: firewall, replicas: 2,/' "$tmp/edge.yaml"
check "a descriptor with replicas is followed" renga apply -f "$tmp/edge.yaml"
same "each replica is a process of the instance" 2 \
	"$(renga get vnf edge.fw -o json | jq '.instantiatedVnfInfo.vnfcResourceInfo | length')"
same "a move of several replicas at once is refused, with what to write" "6 replica" "$(
	renga vnf move edge.fw 0 -o json >"$tmp/out" 2>&1
	echo "$? $(grep -o replica "$tmp/out" | head -1)"
)"
# The dataplane takes all of it along; what is built anew has the same replicas, each with its share.
both_ready() { [ "$(renga get vnf edge.fw -o json | jq -c '[.instantiatedVnfInfo.vnfcResourceInfo[].metadata.state]')" = '["ready","ready"]' ]; }
before=$(fault_host 'print(host.Host().dataplane_pid())')
kill -9 "$before"
rebuilt() { [ "$(fault_host 'print(host.Host().dataplane_pid())')" != "$before" ] && both_ready && on client ping -c 1 -W 1 198.51.100.10; }
check "a host that was rebuilt has all replicas" until_true 20 rebuilt
for i in {100..119}; do on client ping -c 1 -W 2 -I "10.0.0.$i" 198.51.100.10 >/dev/null; done
fw=$(renga get vnf edge.fw -o json | jq -r .id)
same "and each has its share" "true" \
	"$(api GET "/renga/v1/stats/vnf/$fw" | jq '[.replicas[].cps.left.rxPackets > 0] == [true, true]')"

lame() { renga get vnf edge.fw -o json | jq -r '.instantiatedVnfInfo.vnfcResourceInfo[1].metadata | "\(.state) \(.pid // 0)"'; }
lame_kill() { # as often as it takes
	local state pid
	read -r state pid < <(lame)
	[ "$state" = failed ] || { [ "${pid:-0}" -gt 0 ] && kill -9 "$pid"; false; }
}
check "a replica that dies again and again is given up" until_true 10 lame_kill
check "and can be taken out" renga vnf scale edge.fw in --wait --set additionalParams.drainTimeout=1
cat >"$tmp/whole.yaml" <<-Y
	kind: Chain
	name: whole
	ports: {in: {driver: "null"}, out: {driver: "null"}}
	path: [in, {vnf: nat, type: nat, config: {inside: {addresses: [10.9.0.1/24]}, outside: {addresses: [10.8.0.1/24]}}}, out]
Y
renga apply -f "$tmp/whole.yaml" >/dev/null
matches "a NAT that was given all ports from its start on is not scaled" "deployed without .replicas." "$(renga vnf scale whole.nat out --wait 2>&1)"

# By a policy: nobody asks.
policy() { # OUT IN [METRIC]
	cat >"$tmp/auto.yaml" <<-Y
		kind: Chain
		name: auto
		ports: {in: {driver: generator, rate: 4000, flows: 100, src: 10.7.0.9, dst: 10.6.0.1, dst-mac: "02:00:00:00:00:fe"}, out: {driver: "null"}}
		path: [in, {vnf: mid, type: passthrough, scale: {metric: ${3:-rate}, out: $1, in: $2, for: 1s, cooldown: 2s, max: 2}, heal: {after: 0s}}, out]
	Y
	renga apply -f "$tmp/auto.yaml"
}
replicas() { renga get vnf auto.mid -o json | jq '.instantiatedVnfInfo.vnfcResourceInfo | length'; }
have() { [ "$(replicas)" = "$1" ]; }
decided() { renga get events -o json | jq -r --arg type "$1" '[.[] | select(.type == $type)][-1].detail | .reason'; }
check "a chain with policies" policy 3000 100
check "gets a replica by its load" until_true 15 have 2
matches "which is told with its reason" "packets/s a replica, which is 3000 or more, for" "$(decided auto-scale)"
same "as an operation that nobody asked for" "SCALE true SCALE_OUT" "$(
	until_true 5 eval '[ "$(renga get ops -o json | jq -r "[.[] | select(.operation == \"SCALE\")][-1].operationState")" = COMPLETED ]'
	renga get ops -o json | jq -r '[.[] | select(.operation == "SCALE")][-1] | "\(.operation) \(.isAutomaticInvocation) \(.operationParams.type)"')"
matches "and shown" "replica, between 100 and 3000" "$(until_true 5 eval 'renga describe chain auto | grep "a replica, between"'; renga describe chain auto)"
check "with a changed policy it loses one" policy 90000 80000
check "... after the cool-down" until_true 20 have 1
until_true 5 eval 'renga describe chain auto | grep "the fewest"'
measured() { renga get chain auto -o json | jq -e --arg metric "$1" '.policies[0].scale | .metric == $metric and .value >= 0'; }
same "what is measured may be another" "busy ring" "$(for metric in busy ring; do policy 100 0 $metric >/dev/null && until_true 5 measured $metric && echo $metric; done | xargs)"
crash() { # until it is given up, and healed
	local pid
	[ "$(decided auto-heal)" != null ] && return 0
	pid=$(renga get vnf auto.mid -o json | jq '.instantiatedVnfInfo.vnfcResourceInfo[0].metadata | select(.state == "ready") | .pid // 0')
	[ "${pid:-0}" -gt 0 ] && kill -9 "$pid"
	false
}
ready() { [ "$(renga get vnf auto.mid -o json | jq -r '.instantiatedVnfInfo.vnfcResourceInfo[0].metadata.state')" = ready ]; }
until_true 20 crash
matches "what dies again and again is healed by its policy" "failed for .* attempt 1 of 3" "$(decided auto-heal)"
check "... and is ready again" until_true 10 ready
[ "$t_failed" -gt 0 ] && tail -20 "$tmp/scale.log" | sed 's/^/# /'
exit 0
