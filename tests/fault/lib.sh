# lib.sh: the stage of the fault suite, on top of tests/lib/system.sh: the plug-in that misbehaves, a platform whose VNFM
# calls nothing a crash loop, and two chains of firewall, NAT and router: `edge` between two hosts with live sessions, `load`
# from a generator through a well-behaved `faulty` (it answers ARP) to a sink that measures loss by sequence number.

fault_dir=$PWD/tests/fault
export PYTHONPATH=$fault_dir PYTHONDONTWRITEBYTECODE=1 MEMORY=${MEMORY:-512} CORES=${CORES:-0,1}
export RENGA_PLUGINS=$tmp/plugins
fault_host() { python3 -c "import host; $1"; }

# The VNF types of the build, `faulty`, and what it may be upgraded to.
faulty_build() {
	mkdir -p "$RENGA_PLUGINS" && cp "$(dirname "$bin")"/vnfs/*.so "$RENGA_PLUGINS" || return 1
	faulty_make faulty &&
		faulty_make faulty-stillborn -DFAULTY_STILLBORN=true &&
		faulty_make faulty-half "-DFAULTY_STILLBORN=(vnf->replica>0)" &&
		faulty_make faulty-dying -DFAULTY_DIES=200 &&
		faulty_make faulty-stranger -DFAULTY_STATE=2
}
faulty_make() { # TYPE MACRO...
	local type=$1
	shift
	${CC:-gcc} -shared -fPIC -O2 -std=gnu17 -march=x86-64-v3 -D_GNU_SOURCE -DALLOW_EXPERIMENTAL_API -I. \
		$(pkg-config --cflags libdpdk jansson) -include rte_config.h ${SAN:+-fsanitize=$SAN} \
		"$@" -DFAULTY_TYPE="\"$type\"" -o "$RENGA_PLUGINS/$type.so" tests/fault/faulty.c
}

fault_platform_up() { fault_host 'host.Host().start_all()'; }

# The hosts, and the chain between them.
edge_up() {
	host client eth0 10.0.0.10/24 10.0.0.1 "fl$$"
	host server eth0 198.51.100.10/24 198.51.100.1 "fw$$"
	cat >"$tmp/edge.yaml" <<-Y
		kind: Chain
		name: edge
		ports: {lan: {driver: af_packet, interface: fl$$}, wan: {driver: af_packet, interface: fw$$}}
		path:
		- lan
		- {vnf: fw, type: firewall, config: {default: drop, rules: [{action: accept, from: left}]}}
		- {vnf: nat, type: nat, config: {inside: {addresses: [10.0.0.1/24]}, outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1}}}
		- {vnf: rt, type: router, config: {interfaces: [{cp: p0, addresses: [203.0.113.1/24]}, {cp: p1, addresses: [198.51.100.1/24]}]}}
		- wan
	Y
	renga apply -f "$tmp/edge.yaml"
}

load_up() { # RATE
	cat >"$tmp/load.yaml" <<-Y
		kind: Chain
		name: load
		ports:
		  gen: {driver: generator, rate: ${1:-100k}, flows: 500, src: 10.1.0.10, dst: 198.51.100.10, dst-mac: "02:00:00:00:00:01"}
		  sink: {driver: "null"}
		path:
		- gen
		- {vnf: fw, type: firewall, config: {default: drop, rules: [{action: accept, from: left}]}}
		- {vnf: nat, type: nat, config: {inside: {addresses: [10.1.0.1/16], mac: "02:00:00:00:00:01"}, outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1}}}
		- {vnf: rt, type: router, config: {interfaces: [{cp: p0, addresses: [203.0.113.1/24]}, {cp: p1, addresses: [198.51.100.1/24]}]}}
		- {vnf: end, type: faulty}
		- sink
	Y
	renga apply -f "$tmp/load.yaml"
}
