#!/usr/bin/env bash
# The Linux kernel as oracle: firewall, NAT and router get the same packets as nftables, masquerading and forwarding in
# namespaces, through real ports; what comes out must be the same, but for the differences that tests/oracle/differences.py
# names. SEEDS: "1 2 3"; STEPS: how many for each VNF and seed; WORLDS: "firewall nat router"; ORACLE_REPORT: a file for the figures.
# Beside others.
. "$(dirname "$0")/../lib/system.sh"
worlds=${WORLDS:-firewall nat router}
read -ra seeds <<<"${SEEDS:-1}"
tests=$((3 + $(wc -w <<<"$worlds") * ${#seeds[@]}))
plan $tests
need_root
need_huge_pages 384
command -v nft >/dev/null || skip_all "needs nft"

oracle() { PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=tests/oracle ip netns exec "$wires" /usr/bin/python3 tests/oracle/oracle.py "$@"; }
part() { PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=tests/oracle /usr/bin/python3 -c "import $1; print($1.$2)"; }
namespace() { ip netns add "$1" && t_namespaces+=("$1") && ip -n "$1" link set lo up; }
bare() { # NAMESPACE IF: a wire without addresses, which nobody but the test speaks on
	ip netns exec "$1" sysctl -qw "net.ipv6.conf.$2.disable_ipv6=1"
	ip -n "$1" link set "$2" arp off up
}
# wire_ours NAME PORT-IF: a wire to a port of the platform. wire_kernel NAME NAMESPACE IF ADDRESS...
wire_ours() {
	ip link add "$2" type veth peer name "$1" netns "$wires" && t_links+=("$2")
	sysctl -qw "net.ipv6.conf.$2.disable_ipv6=1"
	ip link set "$2" up
	bare "$wires" "$1"
}
wire_kernel() {
	local wire=$1 ns=$2 if=$3 address
	shift 3
	ip -n "$ns" link add "$if" type veth peer name "$wire" netns "$wires"
	for address; do ip -n "$ns" addr add "$address" dev "$if" $([[ $address == *:* ]] && echo nodad); done
	ip netns exec "$ns" ethtool -K "$if" tx off >/dev/null
	ip -n "$ns" link set "$if" up
	bare "$wires" "$wire"
}
# A namespace that forwards as our VNFs do: no limits on ICMP errors that the test could meet, no redirects.
kernel() { # NAMESPACE
	namespace "$1"
	ip netns exec "$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 \
		net.ipv6.icmp.ratelimit=0 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv6.auto_flowlabels=0 net.ipv6.conf.default.accept_dad=0 \
		net.ipv4.icmp_msgs_per_sec=1000000 net.ipv4.icmp_msgs_burst=100000
}
chain() { # NAME TYPE PORTS LINKS: its configuration is $2.CONFIG
	{
		printf 'kind: Chain\nname: %s\nports: {%s}\nlinks: [%s]\nvnfs:\n- vnf: box\n  type: %s\n  config:\n' "$1" "$3" "$4" "$2"
		part "$2" CONFIG | sed 's/^/    /'
	} >"$tmp/$1.yaml"
	renga apply -f "$tmp/$1.yaml"
}
port() { echo "$1: {driver: af_packet, interface: $2}"; }

wires=rg$$-w
namespace "$wires"
check "the platform comes up" platform_up

set_up_firewall() {
	wire_ours ofl "fl$$" && wire_ours ofr "fr$$"
	kernel "rg$$-f"
	wire_kernel xfl "rg$$-f" kfl 10.9.1.254/24 fd00:1::254/64
	wire_kernel xfr "rg$$-f" kfr 10.9.2.254/24 fd00:2::254/64
	part firewall NFT | ip netns exec "rg$$-f" nft -f -
	chain wall firewall "$(port left "fl$$"), $(port right "fr$$")" "[left, box.left], [box.right, right]"
}

set_up_nat() {
	wire_ours oni "ni$$" && wire_ours ono "no$$"
	kernel "rg$$-n"
	ip netns exec "rg$$-n" sysctl -qw net.netfilter.nf_conntrack_tcp_be_liberal=1
	wire_kernel xni "rg$$-n" kni 10.0.0.1/24
	wire_kernel xno "rg$$-n" kno 203.0.113.2/24
	ip -n "rg$$-n" link set kno mtu 1400
	ip -n "rg$$-n" route add default via 203.0.113.1
	part nat NFT | ip netns exec "rg$$-n" nft -f -
	chain gate nat "$(port inside "ni$$"), $(port outside "no$$")" "[inside, box.inside], [box.outside, outside]"
}
set_up_router() {
	wire_ours or0 "r0$$" && wire_ours or1 "r1$$"
	kernel "rg$$-r"
	wire_kernel xr0 "rg$$-r" kr0 203.0.113.1/24 2001:db8:1::1/64
	wire_kernel xr1 "rg$$-r" kr1 198.51.100.1/24 2001:db8:2::1/64
	ip -n "rg$$-r" link set kr1 mtu 1280
	part router ROUTES | ip -n "rg$$-r" -batch -
	chain cross router "$(port p0 "r0$$"), $(port p1 "r1$$")" "[p0, box.p0], [box.p1, p1]"
}

for world in $worlds; do set_up_$world >"$tmp/set-up" 2>&1 || { echo "# $world: $(cat "$tmp/set-up")"; false; } || failed=1; done
same "the VNFs and the kernel are set up" "" "${failed:-}"
# What the conversations of each hold against the kernel.
declare -A rows=(
	[firewall]="[COM-13 FW-3 FW-6 FW-7 FW-11 FW-13]"
	[nat]="[NAT-10 NAT-11 NAT-12 NAT-13 NAT-14 NAT-15 NAT-19]"
	[router]="[COM-13 RTR-2 RTR-3 RTR-4 RTR-8 RTR-9 RTR-10]"
)
for world in $worlds; do
	for seed in "${seeds[@]}"; do
		oracle "$world" --seed "$seed" --steps "${STEPS:-1000}" ${VERBOSE:+--verbose} >"$tmp/report" 2>"$tmp/why" || jq -Rs '{differences: [.]}' <"$tmp/why" >"$tmp/report"
		jq -c 'del(.differences)' "$tmp/report" | tee -a "${ORACLE_REPORT:-/dev/null}" | sed 's/^/# /'
		[ -n "${VERBOSE:-}" ] && sed 's/^/# /' "$tmp/why"
		same "seed $seed: the $world does what the kernel does ${rows[$world]}" "" "$(jq -r '.differences[]' "$tmp/report")"
	done
done
same "the audit is clean" '0' "$(api GET /renga/v1/doctor | jq '[.buffers[].missing] | add')"
