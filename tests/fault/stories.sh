# stories.sh: what else may go wrong, one function each; on the stage of tests/fault/lib.sh. Each prints what is wrong, and
# nothing if nothing is.

vnfm() { # METHOD PATH [JSON]
	curl -sS -m 20 --unix-socket "$RENGA_RUNTIME_DIR/vnfm.sock" -X "$1" ${3:+-H 'Content-Type: application/json' -d "$3"} "http://vnfm$2"
}
vnf_of() { vnfm GET /v1/vnfs | jq -rc ".[] | select(.name == \"$1\") | $2"; }
vnf_is() { [ "$(vnf_of "$1" .state)" = "$2" ]; }
vnf_not_pid() { [ "$(vnf_of "$1" .state)" = ready ] && [ "$(vnf_of "$1" .pid)" != "$2" ]; }
last_event() { vnfm GET '/v1/events?after=0' | jq 'map(.seq) | max // 0'; }
told() { # TYPE AFTER
	vnfm GET "/v1/events?after=$2" | jq -e --arg t "$1" 'any(.[]; .type == $t)' >/dev/null
}
told_at() { # TYPE AFTER: when, in ms since 1970; 0: never
	vnfm GET "/v1/events?after=$2" | jq -r --arg t "$1" '[.[] | select(.type == $t) | .time][0] // "1970-01-01T00:00:00.000Z" |
		(.[:19] + "Z" | fromdate) * 1000 + (.[20:23] | tonumber)'
}
doctor_finds() { fault_host 'import sys; h = host.Host(); bad = h.audit() + h.leftovers(); print("\n".join(bad), end="")'; }
sink_of() { # CHAIN EXPRESSION
	fault_host "import json; h = host.Host(); print(json.dumps(h.stats(h.slots()['$1.bad']['ns'])))" | jq ".ports[] | select(.name == \"sink\") | $2"
}
sink_beyond() { [ "$(sink_of "$1" .txPackets)" -gt "$2" ]; }

# bad_chain NAME CONFIG [RATE]: a generator, a `faulty` with that configuration, a sink.
bad_chain() {
	cat >"$tmp/$1.yaml" <<-Y
		kind: Chain
		name: $1
		ports: {gen: {driver: generator, rate: ${3:-10k}, flows: 10}, sink: {driver: "null"}}
		path: [gen, {vnf: bad, type: faulty, config: $2}, sink]
	Y
	renga apply -f "$tmp/$1.yaml"
}

# A VNF that stands still lives on, but not for long.
story_hang() {
	local pid seq begin
	seq=$(last_event)
	pid=$(vnf_of edge.nat .pid)
	begin=$(date +%s%N)
	kill -STOP "$pid"
	until_true 20 vnf_not_pid edge.nat "$pid" || echo "it was not replaced"
	jq -nc --argjson ms $((($(date +%s%N) - begin) / 1000000)) --argjson told $(($(told_at vnf-hung "$seq") - begin / 1000000)) \
		'{fault: "hang", noticedAfterMs: $told, replacedAfterMs: $ms}' >&2
	told vnf-hung "$seq" || echo "nobody was told"
	fault_host "import sys; sys.exit(host.is_alive($pid))" || echo "the process that hung still lives"
	doctor_finds
}

# The same from within: it does not return from its packet loop.
story_spin() {
	local seq
	seq=$(last_event)
	bad_chain spins '{then: hang, after: 100}' >/dev/null || echo "the chain was not made"
	until_true 20 told vnf-hung "$seq" || echo "nobody was told"
	renga delete spins >/dev/null || echo "the chain cannot be deleted"
	doctor_finds
}

# Dies whenever packets come. The VNFM must have its usual notion of a crash loop for that.
story_crash_loop() {
	local seq chain before
	seq=$(last_event)
	before=$(vnf_of edge.nat .pid)
	bad_chain crashes '{then: abort, after: 50}' >/dev/null 2>&1
	until_true 30 vnf_is crashes.bad failed || echo "it never failed: $(vnf_of crashes.bad .)"
	told vnf-died "$seq" || echo "its deaths were not told"
	told vnf-failed "$seq" || echo "that it failed was not told"
	[ "$(vnf_of edge.nat .pid)" = "$before" ] || echo "another VNF was touched"
	on client ping -c 3 -i 0.02 -W 2 198.51.100.10 >/dev/null || echo "the rest of the host does not go on"
	renga delete crashes >/dev/null || echo "the chain cannot be deleted"
	doctor_finds
}

story_dies_at_start() {
	bad_chain stillborn '{abort-at-start: true}' >/dev/null 2>"$tmp/stillborn" && echo "its chain was made"
	grep -qiE 'signal 6|abort|died' "$tmp/stillborn" || echo "the reason is not told: $(cat "$tmp/stillborn")"
	renga delete stillborn >/dev/null 2>&1
	[ -z "$(vnf_of stillborn.bad .)" ] || echo "it is still there: $(vnf_of stillborn.bad .)"
	doctor_finds
}

# A successor that cannot take its predecessor's place: what ran goes on, in the same process or in one of the same type.
story_upgrade() { # VNFD REASON SAME-PROCESS [allowed]
	local pid status output seen
	bad_chain climbs '{}' 5k >/dev/null || echo "the chain was not made"
	pid=$(vnf_of climbs.bad .pid)
	seen=$(sink_of climbs .txPackets)
	output=$(renga vnf upgrade climbs.bad "$1" ${4:+--set additionalParams.allowStateLoss=true} --wait=60 2>&1)
	status=$?
	if [ -z "$2" ]; then
		[ $status = 0 ] || echo "the upgrade ended with $status: $output"
		[ "$(vnf_of climbs.bad .type)" = "${1#renga-}" ] || echo "its type is $(vnf_of climbs.bad .type)"
	else
		[ $status = 7 ] || echo "the upgrade ended with $status: $output"
		grep -qE "$2" <<<"$output" || echo "the reason is not told: $output"
		[ "$(vnf_of climbs.bad .type)" = faulty ] || echo "its type is $(vnf_of climbs.bad .type)"
		until_true 10 vnf_is climbs.bad ready || echo "it is $(vnf_of climbs.bad .state)"
	fi
	[ "$3" = no ] || [ "$(vnf_of climbs.bad .pid)" = "$pid" ] || echo "its process $pid was replaced"
	until_true 10 sink_beyond climbs "$((seen + 2000))" || echo "packets do not go on"
	[ "$3" = no ] || [ "$(sink_of climbs .generator.lost)" = 0 ] || echo "$(sink_of climbs .generator.lost) packets were lost"
	renga delete climbs >/dev/null || echo "the chain cannot be deleted"
	doctor_finds
}

# Of two replicas the second cannot go on: the first, which could, goes back.
story_upgrade_replicas() {
	local output status
	replicas() { vnfm GET /v1/vnfs | jq -rc '[.[] | select(.name | startswith("climbs.bad")) | "\(.type) \(.state)"] | join(", ")'; }
	both_back() { [ "$(replicas)" = "faulty ready, faulty ready" ]; }
	bad_chain climbs '{}, replicas: 2' 5k >/dev/null || echo "the chain was not made"
	output=$(renga vnf upgrade climbs.bad renga-faulty-half --wait=60 2>&1)
	status=$?
	[ $status = 7 ] || echo "the upgrade ended with $status: $output"
	until_true 10 both_back || echo "they are $(replicas)"
	until_true 10 renga vnf upgrade climbs.bad renga-faulty --wait=60 || echo "they cannot be upgraded afterwards" # when the first has proved itself
	[ "$(sink_of climbs .generator.lost)" = 0 ] || echo "$(sink_of climbs .generator.lost) packets were lost"
	renga delete climbs >/dev/null || echo "the chain cannot be deleted"
	doctor_finds
}

# The managers and the predecessor die while a VNF is succeeded: one process of it is left, and it works.
story_upgrade_killed() { # TIMES
	local i who pid
	bad_chain climbs '{}' 5k >/dev/null || echo "the chain was not made"
	for ((i = 1; i <= $1; i++)); do
		who=$((i % 3))
		renga vnf upgrade climbs.bad renga-faulty --wait=30 >/dev/null 2>&1 &
		pid=$!
		sleep 0.$(printf %03d $((RANDOM % 150)))
		case $who in
		0) kill -9 "$(cat "$RENGA_RUNTIME_DIR/vnfm.pid")" ;;
		1) kill -9 "$(vnf_of climbs.bad .pid)" ;;
		2) kill -9 "$(cat "$RENGA_RUNTIME_DIR/orchestrator.pid")" ;;
		esac
		wait $pid
		fault_platform_up || echo "kill $i: the platform does not come back"
		until_true 30 no_operation_goes_on || echo "kill $i: operations go on: $(renga get ops -o json | jq -c '[.[].operationState]')"
		until_true 15 vnf_is climbs.bad ready || echo "kill $i: it is $(vnf_of climbs.bad .)"
		until_true 10 sink_moves climbs || echo "kill $i: packets do not go on"
	done
	renga delete climbs >/dev/null || echo "the chain cannot be deleted"
	until_true 3 nothing_found
	doctor_finds
}
sink_moves() { sink_beyond "$1" "$(($(sink_of "$1" .txPackets) + 200))"; }
nothing_found() { [ -z "$(doctor_finds)" ]; }

# What is no buffer comes out of its rings.
story_garbage() { # MANNER
	local dataplane seen
	dataplane=$(cat "$RENGA_RUNTIME_DIR/dataplane.pid")
	bad_chain wild "{then: $1, after: 500}" >/dev/null || echo "the chain was not made"
	for _ in 1 2 3; do
		seen=$(sink_of wild .txPackets)
		until_true 15 sink_beyond wild "$((seen + 2000))" || echo "packets do not go on"
	done
	fault_host 'h = host.Host()
bad = [f for f in h.audit() if "missing" in f or "balance" in f or "are lost" in f]
print("\n".join(bad), end="")'
	[ "$1" = garble-ring ] && [ "$(sink_of wild .drops.garbage)" -lt 1 ] && echo "the port counted no garbage"
	[ "$(cat "$RENGA_RUNTIME_DIR/dataplane.pid")" = "$dataplane" ] && kill -0 "$dataplane" || echo "the dataplane died"
	on client ping -c 3 -i 0.02 -W 2 198.51.100.10 >/dev/null || echo "the rest of the host does not go on"
	renga delete wild >/dev/null || echo "the chain cannot be deleted"
	doctor_finds
}

# An orchestrator that dies while it makes or ends a service: finished or taken back by the next, nothing without an owner.
story_orchestrator() { # TIMES
	local i pid
	cat >"$tmp/churn.yaml" <<-Y
		kind: Chain
		name: churn
		ports: {gen: {driver: generator, rate: 1k}, sink: {driver: "null"}}
		path: [gen, {vnf: a, type: passthrough}, {vnf: bad, type: faulty}, sink]
	Y
	for ((i = 1; i <= $1; i++)); do
		(churn & wait) >/dev/null 2>&1 &
		pid=$!
		sleep 0.$(printf %03d $((RANDOM % 400)))
		kill -9 "$(cat "$RENGA_RUNTIME_DIR/orchestrator.pid")"
		wait "$pid"
		fault_platform_up || echo "kill $i: the platform does not come back"
		until_true 20 no_operation_goes_on || echo "kill $i: operations go on: $(renga get ops -o json | jq -c '[.[].operationState]')"
		until_true 5 same_services || echo "kill $i: services at the orchestrator $(services_wanted), at the VNFM $(services_there)"
		renga doctor >/dev/null 2>&1 || echo "kill $i: $(renga doctor 2>&1 | tail -2)"
	done
	renga delete churn >/dev/null 2>&1
	same_services || echo "in the end: services at the orchestrator $(services_wanted), at the VNFM $(services_there)"
	doctor_finds
}
churn() { renga apply -f "$tmp/churn.yaml" && renga delete churn; }
no_operation_goes_on() {
	renga get ops -o json | jq -e 'all(.[]; .operationState | test("COMPLETED|FAILED$|ROLLED_BACK"))'
}
services_wanted() { renga get ns -o json | jq -c '[.[] | select(.nsState == "INSTANTIATED") | .id] | sort'; }
services_there() { vnfm GET /v1/services | jq -c '[.[].id] | sort'; }
same_services() { [ "$(services_wanted)" = "$(services_there)" ]; }

# ---- locks of shared memory ----

seconds() { awk -v t="$1" 'BEGIN { printf "%.2f", t / 1000 }'; }
pings() { on client ping -c 3 -i 0.02 -W 1 198.51.100.10 >/dev/null; }
all_ready() { vnfm GET /v1/vnfs | jq -e 'length > 0 and all(.[]; .state == "ready")'; }
open_alarms() { # EXPRESSION on an alarm
	renga get alarms -o json | jq -e "any(.[]; (.perceivedSeverity != \"CLEARED\") and ($1))" >/dev/null
}
alarm_of() { # EXPRESSION: whether such an alarm is or was there
	renga get alarms -o json | jq -e "any(.[]; $1)" >/dev/null
}

# A VNF dies with a lock in hand: noticed, the host rebuilt, an alarm. As long as chance wants it, for the heap.
story_lock() { # MANNER, WORDS OF THE REASON
	local seq dataplane begin
	seq=$(last_event)
	dataplane=$(cat "$RENGA_RUNTIME_DIR/dataplane.pid")
	rm -f "$tmp/locked"
	begin=$(date +%s%N)
	bad_chain locks "{then: $1, after: 20, unless: $tmp/locked}" >/dev/null 2>&1
	until_true 40 told dataplane-died "$seq" || echo "nobody noticed: $(vnf_of locks.bad .)"
	jq -nc --arg lock "$2" --argjson ms $((($(date +%s%N) - begin) / 1000000)) '{fault: "lock", lock: $lock, noticedAfterMs: $ms}' >&2
	touch "$tmp/locked"
	vnfm GET "/v1/events?after=$seq" | jq -e --arg w "$2" 'any(.[]; .type == "dataplane-died" and (.detail | contains($w)))' >/dev/null ||
		echo "the reason is not told: $(vnfm GET "/v1/events?after=$seq" | jq -c 'map([.type, .detail])')"
	until_true 20 pings || echo "packets do not pass again"
	until_true 20 all_ready || echo "not all VNFs came back: $(vnfm GET /v1/vnfs | jq -c 'map([.name, .state])')"
	[ "$(cat "$RENGA_RUNTIME_DIR/dataplane.pid")" != "$dataplane" ] || echo "it is still the same dataplane"
	until_true 5 alarm_of "(.faultType == \"dataplane-died\") and (.faultDetails | tostring | contains(\"$2\"))" ||
		echo "no alarm told the reason: $(renga get alarms -o json | jq -c 'map([.faultType, .faultDetails])')"
	until_true 10 no_host_alarm || echo "the alarm is not cleared"
	renga delete locks >/dev/null || echo "the chain cannot be deleted"
	until_true 3 finds_nothing || doctor_finds
}
no_host_alarm() { ! open_alarms '.faultType | startswith("dataplane")'; }
finds_nothing() { [ -z "$(doctor_finds)" ]; }

# A reader that died is made good without harm to anybody.
story_reader() {
	local dataplane
	dataplane=$(cat "$RENGA_RUNTIME_DIR/dataplane.pid")
	rm -f "$tmp/locked"
	bad_chain reads "{then: die-reading-memory, after: 20, unless: $tmp/locked}" >/dev/null || echo "the chain was not made"
	until_true 10 [ -e "$tmp/locked" ] || echo "it did not die"
	until_true 10 grep -q 'a dead process holds a lock' "$RENGA_RUNTIME_DIR/log/dataplane.log" || echo "nobody noticed"
	until_true 20 vnf_is reads.bad ready || echo "it has no successor: $(vnf_of reads.bad .)"
	[ "$(cat "$RENGA_RUNTIME_DIR/dataplane.pid")" = "$dataplane" ] || echo "the dataplane died"
	pings || echo "the rest of the host does not go on"
	renga delete reads >/dev/null || echo "the chain cannot be deleted"
	doctor_finds
}

# A dataplane that stands still is ended, and the host rebuilt.
story_dataplane_hangs() {
	local seq pid begin
	seq=$(last_event)
	pid=$(cat "$RENGA_RUNTIME_DIR/dataplane.pid")
	begin=$(date +%s%N)
	kill -STOP "$pid"
	until_true 20 told dataplane-hung "$seq" || echo "nobody noticed"
	until_true 20 pings || echo "packets do not pass again"
	jq -nc --argjson ms $((($(date +%s%N) - begin) / 1000000)) --argjson told $(($(told_at dataplane-hung "$seq") - begin / 1000000)) \
		'{fault: "dataplane hangs", noticedAfterMs: $told, passesAfterMs: $ms}' >&2
	until_true 20 all_ready || echo "not all VNFs came back: $(vnfm GET /v1/vnfs | jq -c 'map([.name, .state])')"
	until_true 5 alarm_of '.faultDetails | tostring | contains("it hung")' ||
		echo "no alarm told: $(renga get alarms -o json | jq -c 'map([.faultType, .faultDetails])')"
	until_true 10 no_host_alarm || echo "the alarm is not cleared"
	until_true 3 finds_nothing || doctor_finds
}

# A VNF that gets no CPU for a while is not taken for one that hangs.
story_starved() {
	local seq pids=() i
	seq=$(last_event)
	for ((i = 0; i < 12; i++)); do
		nice -n -20 taskset -c 0,1 sh -c 'while :; do :; done' & pids+=($!)
	done
	sleep "${1:-4}"
	kill "${pids[@]}"
	wait "${pids[@]}" 2>/dev/null
	told vnf-hung "$seq" && echo "a VNF was taken for dead: $(vnfm GET "/v1/events?after=$seq" | jq -c 'map([.type, .detail])')"
	told dataplane-hung "$seq" && echo "the dataplane was taken for dead"
	pings || echo "packets do not pass"
}
