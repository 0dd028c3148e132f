#!/usr/bin/env bash
# A VNF is looked at while it forwards: its counters, its sessions by filter and by page, how long its bursts take. That
# stops nothing, and in the end every packet is accounted for.
# Beside others.
. "$(dirname "$0")/../lib/system.sh"
tests=14
plan $tests
need_root
need_huge_pages 256

packets=${PACKETS:-100000} flows=300
check "the platform comes up" platform_up
cat >"$tmp/watched.yaml" <<Y
kind: Chain
name: watched
ports: {in: {driver: generator, rate: 10k, flows: $flows, count: $packets}, out: {driver: "null"}}
path: [in, {vnf: fw, type: firewall, config: {rules: [{name: load, action: accept, from: left, proto: udp}]}}, out]
Y
check "a chain runs with load" renga apply -f "$tmp/watched.yaml"
fw=$(api GET /renga/v1/chains/watched | jq -r '.vnfs[0].vnfInstanceId')
service=$(api GET /renga/v1/chains/watched | jq -r .nsInstanceId)
stats() { api GET "/renga/v1/stats/vnf/$fw" | jq -c "$1"; }
sessions() { api GET "/renga/v1/vnfs/$fw/query/sessions?$1" | jq -c "$2"; }
all_there() { [ "$(stats .sessions)" = $flows ]; }
until_true 10 all_there
pid=$(stats .pid)

# ---- while it forwards -------------------------------------------------------------------------------------------------

pages() { # FILTER: prints the source port of every session, page by page
	local after= answer
	while answer=$(api GET "/renga/v1/vnfs/$fw/query/sessions?limit=70$1${after:+&after=$after}"); do
		jq -r '.sessions[] | "\(.src):\(.sport)"' <<<"$answer"
		after=$(jq -r '.next // empty' <<<"$answer")
		[ -n "$after" ] || break
	done
}
counts=()
for _ in 1 2 3 4 5 6 7 8; do counts+=("$(stats '[.cps.left.rxPackets, .cps.right.txPackets, .rules[0].packets, .burstCycles.bursts]')"); done
same "counters never go back [COM-9]" true "$(printf '%s\n' "${counts[@]}" | jq -sc '. as $c | [range(1; length) as $i | range(4) as $k | $c[$i][$k] >= $c[$i - 1][$k]] | all')"
same "nor stand still [COM-9]" true "$(printf '%s\n' "${counts[@]}" | jq -sc '.[-1][0] > .[0][0] and .[-1][1] > .[0][1] and .[-1][3] > .[0][3]')"
same "how many cycles its bursts take, most and nearly all of them [COM-9]" true \
	"$(stats '.burstCycles | .bursts > 0 and .p50 > 0 and .p50 <= .p90 and .p90 <= .p99 and .p99 <= .max')"
same "all sessions are listed, page by page, each once [COM-9]" $flows "$(pages '' | sort -u | wc -l)"
port=$(sessions limit=1 '.sessions[0].dport')
same "by a filter, those of one port alone [COM-9]" "$flows 0" "$(pages "&port=$port" | sort -u | wc -l) $(pages "&port=$((port + 1))" | wc -l)"
same "or of one protocol [COM-9]" "$flows 0" "$(pages "&proto=udp" | sort -u | wc -l) $(pages "&proto=tcp" | wc -l)"

# A configuration has a number; one that is refused changes nothing.
before=$(stats .configGeneration)
check_not "rules with a fault are refused [COM-5]" renga vnf configure watched.fw --set 'rules=[{"action": "accept"}, {"action": "drop", "dport": 9}]'
same "the old ones stay in force, under their number [COM-5]" "$before load" "$(stats '"\(.configGeneration) \(.rules[0].name)"' | jq -r .)"
renga vnf configure watched.fw --wait --set default=accept >/dev/null
same "new ones have the next [COM-5]" $((before + 1)) "$(stats .configGeneration)"

# ---- when all have passed ----------------------------------------------------------------------------------------------

made() { [ "$(api GET "/renga/v1/stats/ns/$service" | jq '.ports[] | select(.name == "in").generator.done')" = true ]; }
until_true 30 made
passed() { [ "$(stats '.cps.left.rxPackets == .cps.right.txPackets + ([.drops[]] | add)')" = true ]; }
check "every packet was forwarded, or dropped for a reason [COM-1 COM-9]" until_true 5 passed
same "by the process that began [COM-9]" "$pid" "$(stats .pid)"
same "the audit is clean [COM-1]" '0' "$(api GET /renga/v1/doctor | jq '[.buffers[].missing] | add')"
