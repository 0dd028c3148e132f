#!/usr/bin/env bash
# The dataplane by itself: its socket, ports, links, slots and the audit; with renga-vnf where VNFs are needed.
# Beside others.
. tests/lib/system.sh
tests=85
plan $tests
need_root
need_huge_pages 192

socket=$RENGA_RUNTIME_DIR/dataplane.sock
ask() { renga-dataplane --ask "$1"; }
get() { ask "$1" | jq -rc "$2"; }
code() { ask "$1" 2>&1 >/dev/null | jq -rc '[.code, .path] | join(" ")'; } # of the error
stats() { get '{"op": "stats", "ns": "s"}' "$1"; }
alive() { ask '{"op": "hello"}' >/dev/null 2>&1; }
gone() { [ ! -d "/proc/$1" ]; }
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; } # of CPU time, 10 ms each
# Every buffer is accounted for, and nothing is odd.
sound() { [ "$(get '{"op": "audit"}' '[([.buffers[] | select(.missing != 0 or .size != .free + .inRings + .inHand + .inPorts)] | length), (.findings | length)]')" = '[0,0]' ]; }

start() { # arguments
	renga-dataplane --memory 256 --cores 0,1 "$@" 2>>"$tmp/dataplane.log" &
	dataplane=$!
	t_pids+=($dataplane)
}
pool() { ask "{\"op\": \"pool.put\", \"ns\": \"s\", \"buffers\": ${1:-8192}, \"tag\": {\"kept\": 1}}"; }
port() { ask "{\"op\": \"port.put\", \"id\": \"s/$1\", \"ns\": \"s\", \"name\": \"$1\", \"spec\": $2}"; }
slot() { ask "{\"op\": \"slot.put\", \"id\": \"$1\", \"ns\": \"s\", \"name\": \"t.$1\", \"type\": \"passthrough\", \"cps\": [\"left\", \"right\"], \"reasons\": [\"overflow\", \"patience\"], \"stateSize\": ${2:-4096}, \"core\": 1}"; }
link() { ask "{\"op\": \"link.put\", \"id\": \"s/$1\", \"ns\": \"s\", \"name\": \"$1\", \"a\": $2, \"b\": $3}"; }
unlink() { ask "{\"op\": \"link.del\", \"id\": \"s/$1\"}"; }

# ---- refusals at the start -------------------------------------------------------------------------------------------

matches "a wish for more huge pages than there are is refused with the command that helps" 'nr_hugepages' \
	"$(renga-dataplane --memory 1000000 2>&1)"
check_not "an unknown option is refused" renga-dataplane --colour
check "the options can be judged without starting" renga-dataplane -n --memory 256
same "nothing is left behind by that" "" "$(ls "$RENGA_RUNTIME_DIR")"

# ---- start -----------------------------------------------------------------------------------------------------------

start
check "the dataplane starts" until_true 20 alive
check_not "a second one on the same run-time folder is refused" renga-dataplane --memory 64
check "the first has not noticed" alive
same "it lists nothing yet" '{"pools":[],"ports":[],"slots":[],"links":[]}' "$(get '{"op": "list"}' .)"
same "an unknown operation is refused" "unsupported op" "$(code '{"op": "dance"}')"
memory=$(get '{"op": "hello"}' .memory.freeMiB)

# ---- objects are wanted states ---------------------------------------------------------------------------------------

check "a pool can be made" pool
check "and asked for again" pool
same "with another size it is refused" "state buffers" "$(code '{"op": "pool.put", "ns": "s", "buffers": 4096}')"
same "more buffers than memory are refused" "no-resource buffers" "$(code '{"op": "pool.put", "ns": "t", "buffers": 1000000}')"
same "and nothing of them stays" 1 "$(get '{"op": "list"}' '.pools | length')"
same "a tag is kept and given back" '{"kept":1}' "$(get '{"op": "list"}' '.pools[0].tag')"
same "a port needs its service's pool" "not-found ns" "$(code '{"op": "port.put", "id": "x/y", "ns": "x", "name": "y", "spec": {"driver": "null"}}')"
same "an interface that does not exist is named" "not-found spec.interface" \
	"$(code '{"op": "port.put", "id": "s/x", "ns": "s", "name": "x", "spec": {"driver": "af_packet", "interface": "nonesuch"}}')"
same "a typo in a specification is named" "invalid spec.ratte" \
	"$(code '{"op": "port.put", "id": "s/x", "ns": "s", "name": "x", "spec": {"driver": "generator", "ratte": 1}}')"

# ---- replicas of VNFs that come from a group -----------------------------------------------------------------------------

replica() { # ID OF INDEX N [GROUP]
	ask "{\"op\": \"slot.put\", \"id\": \"$1\", \"ns\": \"s\", \"name\": \"t.$1\", \"type\": \"passthrough\", \"cps\": [\"left\", \"right\"], \"reasons\": [\"overflow\", \"patience\"],
		\"stateSize\": 0, \"core\": 1, \"replica\": {\"of\": \"$2\", \"index\": $3, \"n\": $4}${5:+, \"group\": {\"name\": \"$5\", \"n\": 2\}}}"
}
both_joined() { # FIRST SECOND: the commands that tell of the two replicas; both can then be linked to one end
	local well=0
	replica r r 0 1 all && replica q q 0 1 all && $1 && $2 && port two '{"driver": "null"}' &&
		link two-r '{"port": "s/two"}' '{"slot": "r", "cp": "left"}' && link two-r1 '{"port": "s/two"}' '{"slot": "r~1", "cp": "left"}' || well=1
	for end in two-r two-r1; do unlink $end; done
	for id in r r~1 q; do ask "{\"op\": \"slot.del\", \"id\": \"$id\"}"; done
	ask '{"op": "port.del", "id": "s/two"}'
	return $well
}
check "a VNF that left a group gets a replica" both_joined "replica r r 0 2" "replica r~1 r 1 2"
check "whichever of them is told of first" both_joined "replica r~1 r 1 2" "replica r r 0 2"
check "and so does one of a group" both_joined "replica r~1 r 1 2 all~1" "replica r r 0 2 all"

# ---- more links at an end than there are places for ----------------------------------------------------------------------

many() { # N: so many links of one port to one VNF, each with a path of its own
	local i put=
	for i in $(seq "$1"); do
		put+="${put:+,}{\"id\": \"s/m$i\", \"ns\": \"s\", \"name\": \"m$i\", \"a\": {\"port\": \"s/two\"}, \"b\": {\"slot\": \"m\", \"cp\": \"left\"}, \"paths\": [$i]}"
	done
	echo "{\"op\": \"links.put\", \"ns\": \"s\", \"put\": [$put], \"del\": []}"
}
slot m >/dev/null
port two '{"driver": "null"}' >/dev/null
same "more links than an end has places are refused, and none of them stays" "no-resource  0" "$(code "$(many 16)") $(get '{"op": "list"}' '.links | length')"
same "as many as there are places for are not" 15 "$(ask "$(many 15)" | jq '.links | length')"
ask '{"op": "port.del", "id": "s/two"}' >/dev/null
ask '{"op": "slot.del", "id": "m"}' >/dev/null

# ---- generator to sink over a link that joins two ports -----------------------------------------------------------------

port gen '{"driver": "generator", "rate": "max", "count": 100000, "flows": 1000}' >/dev/null
port sink '{"driver": "null"}' >/dev/null
same "a port with a link to nothing makes nothing" 0 "$(stats '.ports[] | select(.name == "gen").rxPackets')"
check "a link may join two ports" link l '{"port": "s/gen"}' '{"port": "s/sink"}'
received() { [ "$(stats '.ports[] | select(.name == "sink").txPackets')" = "$1" ]; }
check "every packet that was made comes out" until_true 10 received 100000
same "none is lost or out of order" '[100000,0,0]' "$(stats '.ports[] | select(.name == "sink").generator | [.received, .lost, .reordered]')"
same "a frame counts without its FCS" 6400000 "$(stats '.ports[] | select(.name == "sink").txBytes')"
same "latency is sampled" true "$(stats '.latencyUs | .samples > 1000 and .p50 > 0 and .p50 <= .p99')"
check "every buffer is accounted for" sound
same "all of them are free again" 8192 "$(stats .pool.free)"
ask '{"op": "port.reset", "id": "s/sink"}' >/dev/null
same "a measurement can be begun anew" 0 "$(stats '.ports[] | select(.name == "sink").generator.received')"
check "a generator may get another rate and count while it runs" port gen '{"driver": "generator", "rate": 100000, "count": 300, "flows": 1000}'
check "and begins anew with them" until_true 10 received 100300
same "but not other flows" "state spec" "$(code '{"op": "port.put", "id": "s/gen", "ns": "s", "name": "gen", "spec": {"driver": "generator", "rate": 100000, "count": 300, "flows": 7}}')"
same "the service cannot go while ports are there" "state ns" "$(code '{"op": "pool.del", "ns": "s"}')"
unlink l >/dev/null

# ---- hosts behind veths: hotplug while running --------------------------------------------------------------------------

host a e0 10.77.0.1/24 "" "rga$$"
host b e0 10.77.0.2/24 "" "rgb$$"
check "an interface can be taken while running" port a "{\"driver\": \"af_packet\", \"interface\": \"rga$$\"}"
same "but not twice" "exists spec.interface" \
	"$(code "{\"op\": \"port.put\", \"id\": \"s/c\", \"ns\": \"s\", \"name\": \"c\", \"spec\": {\"driver\": \"af_packet\", \"interface\": \"rga$$\"}}")"
port b "{\"driver\": \"af_packet\", \"interface\": \"rgb$$\"}" >/dev/null
link ab '{"port": "s/a"}' '{"port": "s/b"}' >/dev/null
check "two hosts reach each other" on a ping -c 3 -i 0.05 -W 2 10.77.0.2
check "also with fragments" on a ping -c 2 -i 0.05 -W 2 -s 4000 10.77.0.2
background on b iperf3 -s -1
sleep 0.5
check "TCP flows: checksums are completed, no frame is longer than the MTU" on a iperf3 -c 10.77.0.2 -t 2
same "and no frame was too long" 0 "$(stats '[.ports[].drops.oversize] | add')"
before=$(ticks $dataplane)
sleep 2
matches "idle, it takes less than 1 % of a CPU" '^[012]$' $(($(ticks $dataplane) - before))
check "every buffer is accounted for, those of sockets too" sound
ask '{"op": "port.del", "id": "s/a"}' >/dev/null
same "the link of a deleted port goes with it" 0 "$(get '{"op": "list"}' '.links | length')"
check_not "and the interface has no program any more" grep -q xdp <(ip link show "rga$$")
ask '{"op": "port.del", "id": "s/b"}' >/dev/null

# ---- VNFs: killed under load --------------------------------------------------------------------------------------------

echo '{}' >"$tmp/config.json"
mkdir -p "$RENGA_RUNTIME_DIR/vnf"
shm=$(get '{"op": "hello"}' .shm)
declare -A vnf
vnf_start() { # id
	renga-vnf --type passthrough --id "$1" --name "t.$1" --slot "$(get '{"op": "list"}' ".slots[] | select(.id == \"$1\").slot")" \
		--shm "$shm" --core 1 --socket "$RENGA_RUNTIME_DIR/vnf/$1.sock" --config "$tmp/config.json" \
		--plugins "$(dirname "$bin")/vnfs" 2>>"$tmp/vnf.log" &
	vnf[$1]=$!
	t_pids+=($!)
}
slot_state() { [ "$(get '{"op": "list"}' ".slots[] | select(.id == \"$1\").state")" = "$2" ]; }
ask '{"op": "port.del", "id": "s/gen"}' >/dev/null
port gen '{"driver": "generator", "rate": "max", "flows": 1000}' >/dev/null
slot v1 >/dev/null
slot v2 >/dev/null
same "the same slot again keeps its place" "$(get '{"op": "list"}' '.slots[] | select(.id == "v1").slot')" "$(slot v1 | jq .slot)"
link l1 '{"port": "s/gen"}' '{"slot": "v1", "cp": "left"}' >/dev/null
link l2 '{"slot": "v1", "cp": "right"}' '{"slot": "v2", "cp": "left"}' >/dev/null
link l3 '{"slot": "v2", "cp": "right"}' '{"port": "s/sink"}' >/dev/null
vnf_start v1
vnf_start v2
sink_got() { [ "$(stats '.ports[] | select(.name == "sink").txPackets')" -gt "$1" ]; }
check "packets pass a chain of two VNFs" until_true 10 sink_got 110000
same "a slot is not cleared while its process lives" "state id" "$(code '{"op": "slot.clear", "id": "v1"}')"

killed=0 unsound=0
for round in $(seq 20); do
	id=v$((round % 2 + 1))
	sleep 0.0$((RANDOM % 90 + 10))
	kill -9 "${vnf[$id]}"
	wait "${vnf[$id]}" 2>/dev/null
	sound || unsound=$((unsound + 1))
	ask "{\"op\": \"slot.clear\", \"id\": \"$id\"}" >/dev/null && killed=$((killed + 1))
	sound || unsound=$((unsound + 1))
	vnf_start "$id"
	until_true 10 slot_state "$id" running
done
same "20 kills under load were cleared away" 20 $killed
same "after each, and in the middle of traffic, no buffer is missing" 0 $unsound
sink_before=$(stats '.ports[] | select(.name == "sink").txPackets')
check "and the chain still works" until_true 10 sink_got "$((sink_before + 10000))"

# ---- links replaced while packets flow, as many as can ------------------------------------------------------------------

relink() { ask "{\"op\": \"links.put\", \"ns\": \"s\", \"put\": [$1], \"del\": [$2]}"; }
to() { echo "{\"id\": \"s/$1\", \"ns\": \"s\", \"name\": \"$1\", \"a\": $2, \"b\": $3}"; } # link
gen='{"port": "s/gen"}' sink='{"port": "s/sink"}'
end() { echo "{\"slot\": \"$1\", \"cp\": \"$2\"}"; }
# Packets that are missing at the sink, and those among them that a VNF short of CPU time has counted.
lost() { stats '([.ports[] | select(.name == "sink").generator.lost] | add) as $lost | ([.vnfs[].drops.patience, (.ports[] | select(.name == "sink").drops.patience)] | add) as $counted | $lost - $counted'; }
names() { get '{"op": "list"}' '[.links[].name] | sort | join(" ")'; }

same "an end that another link has is refused" "exists a" \
	"$(code "{\"op\": \"links.put\", \"ns\": \"s\", \"put\": [$(to l9 "$(end v1 right)" "$sink")], \"del\": [\"s/l3\"]}")"
same "also by two new ones" "invalid put" \
	"$(code "{\"op\": \"links.put\", \"ns\": \"s\", \"put\": [$(to l8 "$(end v1 right)" "$sink"), $(to l9 "$gen" "$sink")], \"del\": [\"s/l1\", \"s/l2\", \"s/l3\"]}")"
same "nothing of that stays" "l1 l2 l3" "$(names)"
before=$(lost) dropped=0 unsound=0
for round in $(seq 10); do
	out=$(relink "$(to short "$(end v1 right)" "$sink")" '"s/l2", "s/l3"' | jq '.freed + .dropped')
	sound || unsound=$((unsound + 1))
	in=$(relink "$(to l2 "$(end v1 right)" "$(end v2 left)"), $(to l3 "$(end v2 right)" "$sink")" '"s/short"' | jq '.freed + .dropped')
	dropped=$((dropped + out + in))
done
same "a VNF is taken out and put back ten times" "l1 l2 l3" "$(names)"
same "no packet is dropped or freed meanwhile" 0 "$dropped"
same "none is lost without being counted" "$before" "$(until_true 3 eval '[ "$(lost)" = $before ]' && echo $before || lost)"
same "none is overtaken" 0 "$(stats '.ports[] | select(.name == "sink").generator.reordered')"
same "and no buffer is missing" 0 $unsound
same "what is there already is not touched" '[0,0]' \
	"$(relink "$(to l2 "$(end v1 right)" "$(end v2 left)")" '"s/short"' | jq -c '[.us.turn, .freed]')"
kill -9 "${vnf[v2]}"
wait "${vnf[v2]}" 2>/dev/null
same "what waits for a VNF that is dead is not freed" 0 "$(relink "$(to l4 "$gen" "$(end v2 left)")" '"s/l1", "s/l2"' | jq .freed)"
relink "$(to l1 "$gen" "$(end v1 left)"), $(to l2 "$(end v1 right)" "$(end v2 left)")" '"s/l4"' >/dev/null
ask '{"op": "slot.clear", "id": "v2"}' >/dev/null
vnf_start v2
until_true 10 slot_state v2 running
sink_before=$(stats '.ports[] | select(.name == "sink").txPackets')
check "its successor goes on, and no buffer is missing" eval 'until_true 10 sink_got $((sink_before + 10000)) && sound'
# ---- paths through VNFs that they share ---------------------------------------------------------------------------------

steer() { ask "{\"op\": \"pool.put\", \"ns\": \"s\", \"buffers\": 8192, \"tag\": {\"kept\": 1}, \"steer\": $1}"; }
share() { steer "[{\"match\": {\"ethertype\": \"arp\"}, \"to\": [{\"path\": 1}]}, {\"match\": {}, \"symmetric\": true, \"to\": [$1]}]"; }
by() { echo "{\"id\": \"s/$1\", \"ns\": \"s\", \"name\": \"$1\", \"a\": $2, \"b\": $3, \"paths\": [$4]}"; } # link
classified() { stats "[.paths[] | select(.path == $1) | .packets] | add // 0"; }
flows_by() { local before=$(classified "$1"); until_true 5 eval "[ \$(classified $1) -gt $before ]"; }
first='{"path": 1, "weight": 1}' both='{"path": 1, "weight": 1}, {"path": 2, "weight": 3}'
three='{"path": 3, "weight": 1}, {"path": 2, "weight": 1}, {"path": 1, "weight": 2}'
# 1: gen, v1, v2, sink   2: gen, v1, sink   3: gen, v2, sink
one="$(by l1 "$gen" "$(end v1 left)" 1), $(by l2 "$(end v1 right)" "$(end v2 left)" 1), $(by l3 "$(end v2 right)" "$sink" 1)"
all="$(by l1 "$gen" "$(end v1 left)" 1,2), $(by l2 "$(end v1 right)" "$(end v2 left)" 1), $(by l3 "$(end v2 right)" "$sink" 1,3), \
	$(by l5 "$(end v1 right)" "$sink" 2), $(by l6 "$gen" "$(end v2 left)" 3)"

same "a bad rule has its path, and none is taken" "invalid steer[0].match.dscp" "$(code '{"op": "pool.put", "ns": "s", "buffers": 8192, "steer": [{"match": {"dscp": 77}, "to": [{"path": 1}]}]}')"
same "two links at an end that do not name paths of their own are refused" "exists a" \
	"$(code "{\"op\": \"links.put\", \"ns\": \"s\", \"put\": [$(by l5 "$(end v1 right)" "$sink" 2)], \"del\": []}")"
ask '{"op": "port.del", "id": "s/gen"}' >/dev/null # a port sheds what one of several links has no room for: no more than goes through
port gen '{"driver": "generator", "rate": "50k", "flows": 1000, "src-flows": 4}' >/dev/null
link l1 "$gen" "$(end v1 left)" >/dev/null
ask '{"op": "port.reset", "id": "s/sink"}' >/dev/null
share "$first" >/dev/null
before=$(lost) dropped=0 unsound=0
for round in $(seq 6); do
	dropped=$((dropped + $(relink "$all" "" | jq '.freed + .dropped')))
	share "$both" >/dev/null
	flows_by 2 || unsound=$((unsound + 1))
	share "$three" >/dev/null
	flows_by 3 || unsound=$((unsound + 1))
	sound || unsound=$((unsound + 1))
	share "$first" >/dev/null
	dropped=$((dropped + $(relink "$one" '"s/l5", "s/l6"' | jq '.freed + .dropped')))
done
same "paths come, share flows by other weights, and go, six times under load" "l1 l2 l3" "$(names)"
same "no packet is dropped or freed meanwhile" 0 "$dropped"
same "none is lost" "$before" "$(until_true 3 eval '[ "$(lost)" = $before ]' && echo $before || lost)"
same "each path was taken, and no buffer is missing" 0 $unsound
relink "$all" "" >/dev/null
share "$three" >/dev/null
flows_by 3
kill -STOP "${vnf[v1]}"
check "rules change beside a VNF that hangs" share "$both"
same "but not once more before it follows" "timeout " "$(steer '[]' 2>&1 >/dev/null | jq -r '[.code, .path] | join(" ")')"
kill -CONT "${vnf[v1]}"
check "then they do" share "$three"
kill -9 "${vnf[v1]}"
wait "${vnf[v1]}" 2>/dev/null
check "a VNF that is killed where paths part leaves no buffer behind" sound
check "while packets on other paths go on" flows_by 3
ask '{"op": "slot.clear", "id": "v1"}' >/dev/null
vnf_start v1
until_true 10 slot_state v1 running
sink_before=$(stats '.ports[] | select(.name == "sink").txPackets')
check "its successor finds the paths" eval 'until_true 10 sink_got $((sink_before + 10000)) && flows_by 2 && sound'
steer '[]' >/dev/null
unsteered() { [ "$(stats '.ports[] | select(.name == "gen").drops["no-path"]')" -gt 0 ]; }
check "what no rule gives a path is dropped where paths part, and counted" until_true 5 unsteered
relink "$one" '"s/l5", "s/l6"' >/dev/null

# Both directions: hosts a and b, web by v1 and v2, all else by v1 alone.
port a "{\"driver\": \"af_packet\", \"interface\": \"rga$$\"}" >/dev/null
port b "{\"driver\": \"af_packet\", \"interface\": \"rgb$$\"}" >/dev/null
steer '[{"match": {"proto": "tcp", "dport": [80, 443]}, "symmetric": true, "to": [{"path": 1}]}, {"match": {}, "to": [{"path": 2}]}]' >/dev/null
relink "$(by a1 '{"port": "s/a"}' "$(end v1 left)" 1,2), $(by a2 "$(end v1 right)" "$(end v2 left)" 1), \
	$(by a3 "$(end v2 right)" '{"port": "s/b"}' 1), $(by a4 "$(end v1 right)" '{"port": "s/b"}' 2)" '"s/l1", "s/l2", "s/l3"' >/dev/null
through() { stats ".vnfs[] | select(.id == \"v2\").cps | [.left.rxPackets, .right.rxPackets]"; }
before=$(through)
check "hosts at the ends of two paths reach each other, also with fragments" on a ping -c 3 -i 0.05 -W 2 -s 4000 10.77.0.2
same "none of that goes by the other path" "$before" "$(through)"
background on b iperf3 -s -1 -p 80
sleep 0.5
check "TCP goes by its path" on a iperf3 -c 10.77.0.2 -p 80 -n 1M
same "in both directions" true "$(jq -n --argjson was "$before" --argjson is "$(through)" '$is[0] > $was[0] and $is[1] > $was[1]')"
check "no buffer is missing" sound
ask '{"op": "port.del", "id": "s/a"}' >/dev/null
ask '{"op": "port.del", "id": "s/b"}' >/dev/null
steer null >/dev/null
for l in a2 a3 a4; do unlink $l >/dev/null; done
link l1 "$gen" "$(end v1 left)" >/dev/null
link l2 "$(end v1 right)" "$(end v2 left)" >/dev/null
link l3 "$(end v2 right)" "$sink" >/dev/null
check "a link goes while packets flow" unlink l1

# ---- the end ------------------------------------------------------------------------------------------------------------

for id in v1 v2; do
	kill "${vnf[$id]}"
	wait "${vnf[$id]}" 2>/dev/null
done
for op in '"link.del", "id": "s/l2"' '"link.del", "id": "s/l3"' '"slot.del", "id": "v1"' '"slot.del", "id": "v2"' \
	'"port.del", "id": "s/gen"' '"port.del", "id": "s/sink"'; do
	ask "{\"op\": $op}" >/dev/null
done
same "with everything gone all buffers are free" 8192 "$(get '{"op": "list"}' '.pools[0].free')"
ask '{"op": "pool.del", "ns": "s"}' >/dev/null
same "and the memory is as before" "$memory" "$(get '{"op": "hello"}' .memory.freeMiB)"
ask '{"op": "shutdown"}' >/dev/null
wait $dataplane
same "an orderly end leaves no socket, no mount and no huge page" "0 0 0" \
	"$? $(mount | grep -c "$RENGA_RUNTIME_DIR") $(ls "$RENGA_RUNTIME_DIR" | grep -c dataplane)"
[ "$t_failed" -gt 0 ] && tail -n 40 "$tmp/dataplane.log" "$tmp/vnf.log" | sed 's/^/# /'
exit $((t_failed > 0))
