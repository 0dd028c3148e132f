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
