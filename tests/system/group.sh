#!/usr/bin/env bash
# VNFs that share a process: the same chain as with a process each, and the change from one to the other under traffic.
. "$(dirname "$0")/../lib/system.sh"
tests=47
plan $tests
need_root
need_huge_pages 384

export RENGA_PLACEMENT_MS=300
platform_up >/dev/null 2>&1
chain() { # ISOLATION [MEMBERS OF FW [OF NAT]]
	cat <<-Y
		kind: Chain
		name: edge
		isolation: $1
		ports:
		  in: {driver: generator, rate: ${RATE:-5000}, flows: 200, src: 10.0.0.9, dst: 198.51.100.10, dst-mac: "02:00:00:00:00:fe"}
		  out: {driver: "null"}
		path:
		- in
		- {vnf: fw, type: firewall, ${2:-}config: {default: drop, rules: [{action: accept, from: left}]}}
		- {vnf: nat, type: nat, ${3:-}config: {inside: {addresses: [10.0.0.1/24], mac: "02:00:00:00:00:fe"}, outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1}}}
		- {vnf: rt, type: router, config: {interfaces: [{cp: p0, addresses: [203.0.113.1/24]}, {cp: p1, addresses: [198.51.100.1/24]}], neighbours: [{cp: p1, address: 198.51.100.10, mac: "02:00:00:00:00:02"}]}}
		- out
	Y
}
apply() { chain "$@" >"$tmp/edge.yaml" && renga apply -f "$tmp/edge.yaml"; }
pid_of() { renga get vnf "edge.$1" -o json | jq '.instantiatedVnfInfo.vnfcResourceInfo[0].metadata.pid'; }
group_of() { renga get vnf "edge.$1" -o json | jq -r '.instantiatedVnfInfo.vnfcResourceInfo[0].metadata.group'; }
state_of() { renga get vnf "edge.$1" -o json | jq -r '.instantiatedVnfInfo.vnfcResourceInfo[0].metadata.state'; }
processes() { for vnf in fw nat rt; do pid_of $vnf; done | sort -u | wc -l; }
together() { [ "$(processes)" = 1 ] && [ "$(state_of fw) $(state_of nat) $(state_of rt)" = "ready ready ready" ]; }
apart() { [ "$(processes)" = 3 ] && [ "$(state_of fw) $(state_of nat) $(state_of rt)" = "ready ready ready" ]; }
ns() { renga get ns edge -o json | jq -r .id; }
stats() { api GET "/renga/v1/stats/ns/$(ns)" | jq -c "$1"; }
sent() { stats '.ports[] | select(.name == "out") | .txPackets'; }
# Packets by where and why they were; those that are for a VNF itself, such as ARP, are none of the chain's.
lost() { stats '[(.ports[], .vnfs[]) | (.name // .vnf) as $name | (.drops // {}) + {lost: .generator.lost} | to_entries[] | select((.value // 0) > 0 and .key != "local") | {("\($name) \(.key)"): .value}] | add // {}'; }
flows() { local before; before=$(sent); sleep 0.3; [ "$(sent)" -gt "$before" ]; }
sessions() { stats '[.vnfs[] | select(.type == "firewall") | .sessions][0]'; }

check "a chain of one group" apply group
same "its VNFs are one process" 1 "$(processes)"
same "which is told" "all all all" "$(group_of fw) $(group_of nat) $(group_of rt)"
check "packets pass" until_true 5 flows
passed() { stats '[.vnfs[].flowCache.passed // 0] | max'; }
check "those of known flows by the flow cache" until_true 5 eval '[ "$(passed)" -gt 5000 ]'

change() { # NAME CHECK ARGS...: the change is carried out, and no packet is lost by it
	local name=$1 then=$2 before
	shift 2
	before=$(lost)
	check "$name" apply "$@"
	check "... it is so" until_true 5 "$then"
	sleep 0.3
	same "... and no packet was lost" "$before" "$(lost)"
}
change "each gets a process of its own" apart process
same "which is told" "null null null" "$(group_of fw) $(group_of nat) $(group_of rt)"
change "and they are joined again" together group
pair() { [ "$(processes)" = 2 ] && [ "$(pid_of fw)" = "$(pid_of nat)" ]; }
change "two of them in a group, the third alone" pair process "group: g, " "group: g, "
change "and all three again" together group
check "their flow cache was made while those before them worked" eval 'grep -h -B1 "ready to succeed.*vnfs=3" "$RENGA_RUNTIME_DIR"/log/*.log | grep -q "flow cache made"'

core_of() { renga get vnf "edge.$1" -o json | jq '.instantiatedVnfInfo.vnfcResourceInfo[0].metadata.core'; }
before=$(lost)
check "one of them is moved to another core, and so all are" renga vnf move edge.nat 0 --wait=30
same "... they are there" "0 0 0" "$(core_of fw) $(core_of nat) $(core_of rt)"
same "... still one process, and no packet was lost" "1 $before" "$(processes) $(lost)"
check "one of them is stopped" renga vnf operate edge.nat stop --wait=30 --set gracefulStopTimeout=0
without_nat() { [ "$(pid_of fw)" = "$(pid_of rt)" ] && [ "$(state_of fw) $(state_of rt)" = "ready ready" ]; }
check "... the others go on as one process" until_true 5 without_nat
check "... it is started, and is one with them again" renga vnf operate edge.nat start --wait=30
check "... with packets that pass" eval 'until_true 5 together && until_true 5 flows'
before=$(pid_of fw)
check "one of them is upgraded, and so its process" renga vnf upgrade edge.fw renga-firewall --wait=30
check "all are in the new one" eval '[ "$(pid_of fw)" != "$before" ] && together'
before=$(pid_of nat)
kill -9 "$before"
came_back() { [ "$(pid_of nat)" != "$before" ] && together; }
check "a killed process comes back with all of them" until_true 5 came_back
check "and packets pass" until_true 5 flows
same "with the sessions that there were" 200 "$(sessions)"
check "what one of them is configured anew does not concern the others" renga vnf configure edge.fw --set "default=accept"
same "the process stays" "true" "$(came_back && echo true)"
before=$(pid_of nat)
kill -9 "$(cat "$RENGA_RUNTIME_DIR/vnfm.pid")"
platform_up >/dev/null 2>&1
check "with another VNF manager the process stays" eval 'until_true 5 together && [ "$(pid_of nat)" = "$before" ]'
check "and can be parted" eval 'apply process && until_true 5 apart'
apply group
kill -9 "$(cat "$RENGA_RUNTIME_DIR/dataplane.pid")"
check "a dataplane that died takes it along, and it comes back" until_true 10 came_back
check "and packets pass" until_true 5 flows
check "the chain is deleted" renga delete chain edge

# ---- placed by what is measured (docs/adr/0018) --------------------------------------------------------------------------

# Four firewalls are more than a core has at full rate, as long as the work of all of them is done for every packet.
renga down >/dev/null
RENGA_FLOW_CACHE=off platform_up >/dev/null 2>&1
four() { # RATE
	cat <<-Y
		kind: Chain
		name: edge
		isolation: auto
		ports:
		  in: {driver: generator, rate: $1, flows: 200, src: 10.0.0.9, dst: 198.51.100.10}
		  out: {driver: "null"}
		path:
		- in
		$(for i in 1 2 3 4; do echo "- {vnf: fw$i, type: firewall, config: {default: drop, rules: [{action: accept, from: left}]}}"; done)
		- out
	Y
}
place() { four "$1" >"$tmp/four.yaml" && renga apply -f "$tmp/four.yaml"; }
placement() { api GET /renga/v1/chains/edge | jq -c ".placement$1"; }
processes() { for i in 1 2 3 4; do pid_of fw$i; done | sort -u | wc -l; }
is() { [ "$(processes)" = "$1" ] && [ "$(placement '.groups | length')" = "$1" ] && [ "$(api GET /renga/v1/chains/edge | jq -r .state)" = INSTANTIATED ]; }
place 20000
check "placed by what is measured, a chain starts as one process" until_true 5 is 1
matches "which is told with its reason" "one process" "$(placement .reason)"
until_true 5 eval '[ "$(placement ".vnfs[0].packetsPerSecond")" -gt 10000 ]'
matches "and with the figures that it rests on" '"vnf":"fw1","packetsPerSecond":(1[5-9]|2)[0-9]*,"cyclesPerPacket":[1-9]' "$(placement .vnfs[0])"
place max
check "one that is too much for a core is cut in two" until_true 60 is 2
matches "because that core was busy" "was busy at .*cut between" "$(placement .reason)"
matches "which is an event" "cut between" "$(renga get events | grep ' placement ' | tail -1)"
until_true 10 place 20000 && sleep 0.5 # not while an operation of the placer runs
before=$(lost)
check "and is one process again when there is less to do" until_true 60 is 1
same "... without loss" "$before" "$(lost)"
check "the chain is deleted" renga delete chain edge
exit 0
