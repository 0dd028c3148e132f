# environment.sh: stories of what goes wrong around the platform: interfaces, huge pages, disks, locks of files, the whole
# machine; on the stage of tests/fault/lib.sh, beside stories.sh. Each prints what is wrong, and nothing if nothing is.

# ---- interfaces ----

port_is() { [ "$(vnfm GET /v1/ports | jq -r --arg i "$1" '.[] | select(.spec.interface == $i) | .state')" = "$2" ]; }
vnf_pids() { vnfm GET /v1/vnfs | jq -c 'map({key: .name, value: .pid}) | from_entries'; }
# link_again NAME IF ADDRESS/LEN GATEWAY PORT-IF: as `host`, in a namespace that is there.
link_again() {
	ip link add "$5" type veth peer name "$2" netns "rg$$-$1" || return 1
	ip -n "rg$$-$1" addr add "$3" dev "$2"
	ip -n "rg$$-$1" link set "$2" up
	ip link set "$5" up
	[ -z "$4" ] || ip -n "rg$$-$1" route add default via "$4"
}
# Buffers are on their way while packets flow, so that a glance proves nothing; what is missing stays missing.
nothing_missing() { until_true 5 finds_nothing || doctor_finds; }

# The interface under a port of af_packet is deleted while packets flow, and made again.
story_interface() {
	local seq before dataplane
	seq=$(last_event) before=$(vnf_pids) dataplane=$(cat "$RENGA_RUNTIME_DIR/dataplane.pid")
	ip netns exec "rg$$-server" ping -q -i 0.01 198.51.100.1 >/dev/null 2>&1 & local noise=$!
	ip link del "fl$$"
	until_true 3 told port-lost "$seq" || echo "nobody was told"
	port_is "fl$$" lost || echo "its state is not lost: $(vnfm GET /v1/ports | jq -c 'map([.name, .state, .error])')"
	until_true 3 open_alarms ".faultType == \"port-lost\" and (.faultDetails | tostring | contains(\"fl$$\"))" ||
		echo "no alarm names it: $(renga get alarms -o json | jq -c 'map([.faultType, .faultDetails, .perceivedSeverity])')"
	nothing_missing
	sleep 0.5
	link_again client eth0 10.0.0.10/24 10.0.0.1 "fl$$"
	until_true 5 pings || echo "packets do not pass again"
	until_true 3 told port-ready "$seq" || echo "its return is not told"
	until_true 3 no_port_alarm || echo "the alarm is not cleared"
	kill "$noise"; wait "$noise" 2>/dev/null
	[ "$(vnf_pids)" = "$before" ] && [ "$(cat "$RENGA_RUNTIME_DIR/dataplane.pid")" = "$dataplane" ] || echo "something was restarted"
	nothing_missing
}
no_port_alarm() { ! open_alarms '.faultType == "port-lost"'; }

# The same under af_xdp and a TAP, whose interface the port makes itself.
story_other_interfaces() {
	local before
	ip link add "fx$$" type veth peer name "fy$$" && t_links+=("fx$$")
	ip link set "fy$$" up
	cat >"$tmp/others.yaml" <<-Y
		kind: Chain
		name: others
		buffers: 8192
		ports: {x: {driver: af_xdp, interface: fx$$}, t: {driver: tap, interface: ft$$}}
		path: [x, {vnf: p, type: passthrough}, t]
	Y
	renga apply -f "$tmp/others.yaml" >/dev/null || { echo "the chain was not made"; return; }
	before=$(vnf_pids)
	ip link del "fx$$"
	until_true 3 port_is "fx$$" lost || echo "the loss of the port of af_xdp is not seen"
	ip link del "ft$$"
	until_true 3 grep -q "port lost.*ft$$" "$RENGA_RUNTIME_DIR/log/dataplane.log" || echo "the loss of the TAP is not seen"
	until_true 5 port_is "ft$$" up || echo "the TAP is not made again: $(vnfm GET /v1/ports | jq -c 'map([.name, .state, .error])')"
	nothing_missing
	ip link add "fx$$" type veth peer name "fy$$"
	ip link set "fy$$" up
	until_true 5 port_is "fx$$" up || echo "the port of af_xdp does not come back: $(vnfm GET /v1/ports | jq -c 'map([.name, .state, .error])')"
	python3 tests/fault/frames.py "fy$$" "ft$$" 50 || echo "frames do not pass again"
	[ "$(vnf_pids)" = "$before" ] || echo "something was restarted"
	# A port that is lost when the host is rebuilt comes back too, and so does one whose chain ends meanwhile.
	ip link del "fx$$"
	until_true 3 port_is "fx$$" lost
	kill -9 "$(cat "$RENGA_RUNTIME_DIR/dataplane.pid")"
	until_true 10 pings || echo "the rest of the host is not rebuilt"
	until_true 5 port_is "fx$$" lost || echo "the port is not lost after the host was rebuilt: $(vnfm GET /v1/ports | jq -c 'map([.name, .state, .error])')"
	until_true 10 all_ready || echo "not all VNFs came back"
	ip link add "fx$$" type veth peer name "fy$$"
	ip link set "fy$$" up
	until_true 5 port_is "fx$$" up || echo "the port does not come back after the host was rebuilt"
	python3 tests/fault/frames.py "fy$$" "ft$$" 50 || echo "frames do not pass after the host was rebuilt"
	ip link del "fx$$"
	until_true 3 open_alarms '.faultType == "port-lost"' || echo "no alarm"
	renga delete others >/dev/null || echo "the chain cannot be deleted"
	until_true 3 no_port_alarm || echo "the alarm of a port that is no more is not cleared"
	nothing_missing
}

# ---- disks and files ----

fill() { dd if=/dev/zero of="$1/fill" bs=4k status=none 2>/dev/null; [ "$(df --output=avail "$1" | tail -1)" -eq 0 ]; }
short_chain() { # NAME
	printf 'kind: Chain\nname: %s\nports: {gen: {driver: generator, rate: 1k}, sink: {driver: "null"}}\npath: [gen, {vnf: a, type: passthrough}, sink]\n' "$1" >"$tmp/$1.yaml"
	printf '{"kind": "Chain", "name": "%s", "ports": {"gen": {"driver": "generator", "rate": "1k"}, "sink": {"driver": "null"}},
		"path": ["gen", {"vnf": "a", "type": "passthrough"}, "sink"]}' "$1"
}
store_alarm() { open_alarms '.faultType == "store-ill"'; }
no_store_alarm() { ! store_alarm; }
known_to_orchestrator() { # TYPE OF EVENT, ID OF VNF
	renga get events -o json | jq -e --arg t "$1" --arg v "$2" 'any(.[]; .type == $t and .vnf == $v)' >/dev/null
}

# What the two stories share: the store cannot be written from now until `$2`; an operation is under way.
story_store() { # STATUS, COMMAND THAT ENDS IT, NAME OF A CHAIN
	local seq pid id status
	status=$(api_status POST /renga/v1/chains "$(short_chain "$3")")
	[ "$status" = "$1" ] || echo "a request is answered $status: $(cat "$tmp/body")"
	jq -e '(.detail | length > 0) and (.hint | length > 0)' "$tmp/body" >/dev/null || echo "the answer says too little: $(cat "$tmp/body")"
	store_alarm || echo "no alarm: $(renga get alarms -o json | jq -c 'map([.faultType, .perceivedSeverity])')"
	seq=$(last_event) pid=$(vnf_of edge.rt .pid) id=$(vnf_of edge.rt .id)
	kill -9 "$pid"
	until_true 10 vnf_not_pid edge.rt "$pid" || echo "a VNF that died has no successor"
	until_true 5 pings || echo "a service that runs does not go on"
	$2
	until_true 10 no_store_alarm || echo "the alarm stays"
	until_true 10 known_to_orchestrator vnf-died "$id" || echo "what happened meanwhile is not known"
	until_true 20 no_operation_goes_on || echo "operations go on: $(renga get ops -o json | jq -c '[.[].operationState]')"
	renga get ops -o json | jq -e 'all(.[]; .operationState == "COMPLETED")' >/dev/null ||
		echo "an operation failed: $(renga get ops -o json | jq -c 'map([.operationState, .error])')"
	until_true 5 same_services || echo "services at the orchestrator $(services_wanted), at the VNFM $(services_there)"
	renga apply -f "$tmp/$3.yaml" >/dev/null || echo "nothing can be made afterwards"
	renga delete "$3" >/dev/null || echo "nothing can be deleted afterwards"
	renga doctor >/dev/null 2>&1 || echo "the doctor: $(renga doctor 2>&1 | tail -2)"
	nothing_missing
}

story_disk_full() {
	short_chain under-way >/dev/null
	renga apply -f "$tmp/under-way.yaml" >/dev/null 2>&1 & local way=$!
	sleep 0.0$((RANDOM % 8))
	fill "$RENGA_STATE_DIR" || echo "the disk is not full"
	story_store 507 free_disk full
	wait "$way"
	renga delete under-way >/dev/null 2>&1
}
free_disk() { rm "$RENGA_STATE_DIR/fill"; }

story_store_locked() {
	short_chain held-up >/dev/null
	renga apply -f "$tmp/held-up.yaml" >/dev/null 2>&1 & local way=$!
	sleep 0.0$((RANDOM % 8))
	python3 -c 'import os, sqlite3, sys
store = sqlite3.connect(os.environ["RENGA_STATE_DIR"] + "/renga.db", isolation_level=None, timeout=10)
store.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()' < <(until_true 60 [ -e "$tmp/let-go" ]) >"$tmp/holder" & local holder=$!
	until_true 10 grep -q held "$tmp/holder" || echo "the store is not held"
	story_store 503 let_go locked
	wait "$holder" "$way"
	renga delete held-up >/dev/null 2>&1
}
let_go() { touch "$tmp/let-go"; }

# The configuration of a VNF cannot be written: told, tried again, never an empty one.
story_runtime_full() {
	local seq pid
	seq=$(last_event) pid=$(vnf_of edge.fw .pid)
	fill "$RENGA_RUNTIME_DIR" || echo "the run-time directory is not full"
	kill -9 "$pid"
	until_true 5 told vnf-waits "$seq" || echo "nobody was told: $(vnf_of edge.fw .)"
	until_true 5 open_alarms '.faultType == "vnf-waits" and (.faultDetails | tostring | contains("full"))' ||
		echo "no alarm: $(renga get alarms -o json | jq -c 'map([.faultType, .faultDetails])')"
	sleep 3
	vnf_is edge.fw failed && echo "it is given up"
	rm "$RENGA_RUNTIME_DIR/fill"
	until_true 10 vnf_not_pid edge.fw "$pid" || echo "it does not come back: $(vnf_of edge.fw .)"
	until_true 5 pings || echo "packets do not pass again"
	until_true 5 no_alarm_of vnf-waits || echo "the alarm is not cleared"
	nothing_missing
}
no_alarm_of() { ! open_alarms ".faultType == \"$1\""; }

# ---- huge pages ----

# Holds all huge pages that are free, until its standard input ends.
hold_pages() {
	python3 -c 'import mmap, sys
held = []
while True:
    try:
        held.append(mmap.mmap(-1, 2 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000))  # MAP_HUGETLB
    except OSError:
        break
print("held", len(held), flush=True)
sys.stdin.read()'
}

# The dataplane dies, and somebody else takes the pages that it had.
story_pages_gone() {
	local seq holder reason
	seq=$(last_event) reason='.faultType == "dataplane-failed" and (.faultDetails | tostring | test("huge pages.*are wanted.*free.*nr_hugepages"))'
	rm -f "$tmp/give-back"
	# Taken while the dataplane still has its own; then the rest, as soon as it is dead.
	kill -STOP "$(cat "$RENGA_RUNTIME_DIR/vnfm.pid")"
	kill -9 "$(cat "$RENGA_RUNTIME_DIR/dataplane.pid")" $(attached_pids)
	sleep 0.2
	umount -l "$RENGA_RUNTIME_DIR/huge"
	sleep 0.2
	hold_pages < <(until_true 20 [ -e "$tmp/give-back" ]) >"$tmp/pages" & holder=$!
	until_true 10 grep -q held "$tmp/pages" || echo "the pages are not held"
	kill -CONT "$(cat "$RENGA_RUNTIME_DIR/vnfm.pid")"
	until_true 8 told dataplane-failed "$seq" || echo "nobody was told: $(vnfm GET "/v1/events?after=$seq" | jq -c 'map([.type, .detail])')"
	until_true 3 open_alarms "$reason" || echo "the alarm does not say why: $(renga get alarms -o json | jq -c 'map([.faultType, .faultDetails])')"
	touch "$tmp/give-back"
	wait "$holder"
	until_true 20 pings || echo "packets do not pass again"
	until_true 10 all_ready || echo "not all VNFs came back"
	until_true 10 no_host_alarm || echo "the alarm is not cleared"
	nothing_missing
}
# VNFs and spares: all that map the dataplane's pages.
attached_pids() {
	local pid
	for pid in $(platform_pids); do
		case $(readlink "/proc/$pid/exe") in */renga-vnf) echo "$pid" ;; esac
	done
}

# ---- the machine ----

# Power is gone and comes back: nothing of the run-time directory is left, the interface of a port comes later than the
# platform, and the daemons start side by side, as systemd does it.
story_reboot() {
	local services daemons daemon listener
	services=$(services_wanted)
	daemons=$(platform_pids)
	kill -9 $daemons
	until_true 5 none_alive $daemons || echo "they do not die"
	umount -l "$RENGA_RUNTIME_DIR/huge"
	umount -l "$RENGA_RUNTIME_DIR" && small_disk "$RENGA_RUNTIME_DIR" 64m
	ip link del "fw$$"
	mkdir -p "$RENGA_RUNTIME_DIR/log"
	listen_to_daemons
	if [ $((RANDOM % 2)) = 0 ]; then boot_orchestrator; boot_vnfm; else boot_vnfm; boot_orchestrator; fi
	until_true 20 [ -s "$RENGA_RUNTIME_DIR/orchestrator.addr" ] || echo "the orchestrator does not come up"
	sleep 1
	link_again server eth0 198.51.100.10/24 198.51.100.1 "fw$$"
	until_true 20 pings || echo "packets do not pass: $(vnfm GET /v1/ports | jq -c 'map([.name, .state, .error])') $(vnfm GET /v1/vnfs | jq -c 'map([.name, .state])')"
	until_true 5 all_ready || echo "not all VNFs are ready: $(vnfm GET /v1/vnfs | jq -c 'map([.name, .state])')"
	[ "$(services_there)" = "$services" ] || echo "services were $services and are $(services_there)"
	until_true 5 same_services || echo "services at the orchestrator $(services_wanted), at the VNFM $(services_there)"
	until_true 10 no_alarm || echo "alarms: $(renga get alarms -o json | jq -c 'map([.faultType, .perceivedSeverity])')"
	for daemon in vnfm orchestrator; do
		until_true 8 tells_systemd "$daemon" READY=1 || echo "$daemon does not tell systemd that it is ready"
		until_true 8 tells_systemd "$daemon" WATCHDOG=1 || echo "$daemon does not tell systemd that it lives"
	done
	kill "$listener"; wait "$listener" 2>/dev/null
	nothing_missing
}
# What the daemons tell systemd goes to $tmp/notify.DAEMON.
listen_to_daemons() {
	rm -f "$tmp"/notify.*
	python3 -c 'import select, socket, sys
sockets = {}
for name in sys.argv[1:]:
    sockets[socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)] = open(name, "a", buffering=1)
    list(sockets)[-1].bind(name + ".sock")
while True:
    for ready in select.select(list(sockets), [], [])[0]:
        sockets[ready].write(ready.recv(4096).decode() + "\n")' "$tmp/notify.vnfm" "$tmp/notify.orchestrator" >/dev/null 2>&1 & listener=$!
	until_true 5 [ -e "$tmp/notify.orchestrator.sock" ]
}
tells_systemd() { grep -q "$2" "$tmp/notify.$1"; }
boot_vnfm() {
	NOTIFY_SOCKET=$tmp/notify.vnfm.sock setsid renga-vnfm --cores "$CORES" --memory "$MEMORY" >>"$RENGA_RUNTIME_DIR/log/vnfm.log" 2>&1 </dev/null & disown
}
boot_orchestrator() {
	NOTIFY_SOCKET=$tmp/notify.orchestrator.sock setsid renga-orchestrator --listen 127.0.0.1:0 >>"$RENGA_RUNTIME_DIR/log/orchestrator.log" 2>&1 </dev/null & disown
}
none_alive() { ! kill -0 "$@" 2>/dev/null; }
no_alarm() { ! open_alarms true; }

# The units, as they are installed.
story_units() {
	local unit
	mkdir -p "$tmp/units"
	for unit in systemd/*.service; do
		sed "s#@PREFIX@#$(dirname "$bin")#; /^Documentation=/d" "$unit" >"$tmp/units/${unit##*/}"
	done
	systemd-analyze verify "$tmp"/units/*.service 2>&1
}
