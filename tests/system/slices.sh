#!/usr/bin/env bash
# Services on one host do not touch each other: entry limits hold and change while the service runs, shares of a core hold and
# change, and a flood of one service costs another neither packets nor buffers.
. "$(dirname "$0")/../lib/system.sh"
tests=17
plan $tests
need_root
need_huge_pages 256
core=$(($(nproc) - 1))
export CORES=$core

# chain NAME RATE MORE: generator -> passthrough -> null; MORE is put into the document.
chain() {
	cat <<-Y
		kind: Chain
		name: $1
		buffers: 8k
		ports: {in: {driver: generator, rate: $2, size: 100, flows: 16${4:+, limits: $4}}, out: {driver: "null"}}
		path: [in, {vnf: v, type: firewall, cores: [$core], config: {default: accept}}, {vnf: w, type: firewall, cores: [$core], config: {default: accept}}, out]
		$3
	Y
}
ns() { api GET "/renga/v1/chains/$1" | jq -r .nsInstanceId; }
stats() { api GET "/renga/v1/stats/ns/$1" | jq -c "$2"; }
entered() { stats "$1" '.ports[] | select(.name == "in").rxPackets'; }
left() { stats "$1" '.ports[] | select(.name == "out").txPackets'; }
dropped() { stats "$1" "[.ports[].drops[\"$2\"]] | add"; }
near() { # NAME WANTED GOT PER-MILLE
	local off=$(($3 > $2 ? $3 - $2 : $2 - $3))
	if [ $((off * 1000)) -le $(($2 * $4)) ]; then pass "$1"; else fail "$1" "wanted: $2 within $4 per mille" "got:    $3"; fi
}
# limited_to NS OFFERED SECONDS: packets a second that entered, by the generator's own clock: all that it sent or shed were OFFERED.
limited_to() {
	local sum='.ports[] | select(.name == "in") | [.rxPackets, .generator.sent + .drops.overflow]' one two
	one=$(stats "$1" "$sum")
	sleep "$3"
	two=$(stats "$1" "$sum")
	jq -n --argjson a "$one" --argjson b "$two" --argjson offered "$2" '($b[0] - $a[0]) * $offered / ($b[1] - $a[1]) | round'
}

check "the platform comes up, on one core" platform_up

# ---- entry limits: the generator offers ten times as much ----------------------------------------------------------------

check "a port with a packet rate" renga apply -f <(chain a 200k "" "{packet-rate: 20k}")
a=$(ns a)
sleep 0.2
near "so many packets enter in the long run" 20000 "$(limited_to "$a" 200000 2)" 10
check "what is beyond is counted as rate-limited" [ "$(dropped "$a" rate-limited)" -gt 100000 ]
pids=$(stats "$a" '[.vnfs[].pid]')
n=$(entered "$a")
check "another limit, in bits" renga apply -f <(chain a 200k "" "{rate: 8M}")
check "nothing began anew" [ "$(entered "$a")" -ge "$n" -a "$(stats "$a" '[.vnfs[].pid]')" = "$pids" ]
sleep 0.2
near "it holds" 10000 "$(limited_to "$a" 200000 2)" 10
check "a limit of the service instead" renga apply -f <(chain a 200k "limits: {packet-rate: 5k, packet-burst: 1000}")
sleep 0.2
near "it holds" 5000 "$(limited_to "$a" 200000 2)" 10
matches "every fault of limits is told at once" 'limits.rate.*limits.brust|limits.brust.*limits.rate' \
	"$(renga apply -f <(chain a 200k "limits: {rate: fast, brust: 1}") 2>&1 | tr '\n' ' ')"
check "that service goes" renga delete a

# ---- shares: both offer more than the core can do --------------------------------------------------------------------------

share() { # ratio of what two saturated services get, in percent
	local one two n1 n2
	one=$(ns one) two=$(ns two)
	sleep 0.3
	n1=$(left "$one") n2=$(left "$two")
	sleep 1.5
	echo $((100 * ($(left "$one") - n1) / ($(left "$two") - n2 + 1)))
}
between() { # NAME LOW HIGH GOT
	if [ "$4" -ge "$2" ] && [ "$4" -le "$3" ]; then pass "$1"; else fail "$1" "wanted: $2 to $3" "got:    $4"; fi
}
renga apply -f <(chain one max "") >/dev/null
renga apply -f <(chain two max "") >/dev/null
between "two saturated services of one share get as much" 60 170 "$(share)"
pids=$(stats "$(ns one)" '[.vnfs[].pid]')
check "one is given a share of 300" renga apply -f <(chain one max "cpu-share: 300")
between "it gets about three times as much" 180 450 "$(share)"
same "by the same process" "$pids" "$(stats "$(ns one)" '[.vnfs[].pid]')"

# ---- a flood next door -------------------------------------------------------------------------------------------------------

check "no buffer of either is missing" [ "$(api GET /renga/v1/doctor | jq '[.buffers[] | select(.missing != 0)] | length')" = 0 ]
renga delete one >/dev/null
renga apply -f <(chain quiet 5k "") >/dev/null
quiet=$(ns quiet)
sleep 0.3
before=$(stats "$quiet" '[.ports[].drops[], .vnfs[].drops[]] | add')
sleep 2
same "beside a flood, a quiet service loses nothing" "$before" "$(stats "$quiet" '[.ports[].drops[], .vnfs[].drops[]] | add')"
