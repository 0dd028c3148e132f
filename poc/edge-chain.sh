#!/usr/bin/env bash
# The demonstration: firewall -> NAT -> router, each a DPDK process, between two real hosts (namespaces), checked with real
# tools. Leaves the machine as it found it. Exit status 0 only if every check passed.
set -u
cd "$(dirname "$0")/.."
build=${BUILD:-build}
case $build in /*) PATH=$build/bin:$PATH ;; *) PATH=$PWD/$build/bin:$PATH ;; esac
export RENGA_RUNTIME_DIR=/run/renga-demo RENGA_STATE_DIR=/run/renga-demo/state RENGA_CONFIG=/run/renga-demo/renga.yaml
pages=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
need=384 # huge pages of 2 MiB
failed=0 pages_before= web= iperf= made_namespaces=

if [ -t 1 ]; then bold=$(tput bold) green=$(tput setaf 2) red=$(tput setaf 1) off=$(tput sgr0); else bold= green= red= off=; fi
title() { printf '\n%s%s%s\n' "$bold" "$1" "$off"; }
tell() { printf '  %s\n' "$*"; }
show() { sed 's/^/    /'; }
ok() { printf '  %sok%s   %s\n' "$green" "$off" "$1"; }
bad() { printf '  %sFAIL%s %s\n' "$red" "$off" "$1"; failed=$((failed + 1)); }
check() { # NAME COMMAND...
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then ok "$name"; else bad "$name"; printf '%s\n' "$out" | show; fi
}
client() { ip netns exec client "$@"; }
server() { ip netns exec server "$@"; } # not for what goes on in the background: $! would be the shell around it
die() { echo "demo: $*" >&2; exit 1; }

clean() {
	local status=$?
	trap - EXIT
	title "Cleaning up"
	[ -n "$web" ] && kill "$web" 2>/dev/null
	[ -n "$iperf" ] && kill "$iperf" 2>/dev/null
	renga delete edge >/dev/null 2>&1
	renga down 2>&1 | show
	if [ -n "$made_namespaces" ]; then
		ip netns del client
		ip netns del server
		ip link del lan0 2>/dev/null
		ip link del wan0 2>/dev/null
		tell "removed the namespaces client and server with their links"
	fi
	local left
	left=$(left_behind)
	rm -rf "$RENGA_RUNTIME_DIR"
	if [ -n "$pages_before" ]; then
		echo "$pages_before" >$pages
		tell "gave the huge pages back: $(cat $pages) reserved, as before"
	fi
	if [ -z "$left" ]; then ok "nothing is left behind"; else bad "left behind:"; echo "$left" | show; fi
	if [ "$failed" = 0 ] && [ "$status" = 0 ]; then
		title "All checks passed in $SECONDS s."
	else
		title "$failed checks failed."
		status=1
	fi
	exit $status
}

left_behind() { # processes, namespaces, interfaces, huge-page files, mounts, sockets
	for pid in /proc/[0-9]*; do
		grep -qsz "RENGA_RUNTIME_DIR=$RENGA_RUNTIME_DIR" "$pid/environ" || continue
		case $(readlink "$pid/exe") in */renga-*) echo "process ${pid#/proc/} $(tr '\0' ' ' <"$pid/cmdline")" ;; esac
	done
	ip netns list | grep -E '^(client|server)( |$)'
	ip -o link show | grep -oE '(lan0|wan0)@?' | sort -u
	grep " $RENGA_RUNTIME_DIR" /proc/mounts
	find "$RENGA_RUNTIME_DIR" \( -type s -o -path '*/huge/*' -o -path '*/dpdk/*' -type f \) 2>/dev/null
}

# ---- what the machine must have ------------------------------------------------------------------------------------

[ "$(id -u)" = 0 ] || die "needs root: it makes network namespaces and uses huge pages"
ip netns list | grep -qE '^(client|server)( |$)' && die "a network namespace called client or server exists already"
ip link show lan0 >/dev/null 2>&1 && die "an interface lan0 exists already"
ip link show wan0 >/dev/null 2>&1 && die "an interface wan0 exists already"
mkdir -p "$RENGA_STATE_DIR"
trap clean EXIT
trap 'exit 130' INT TERM

title "Renga: three network functions by three processes, one service"
free=$(awk '/HugePages_Free/ { print $2 }' /proc/meminfo)
if [ "$free" -lt $need ]; then
	pages_before=$(cat $pages)
	echo $((pages_before + need - free)) >$pages
	tell "reserved huge pages: $pages_before -> $(cat $pages) (2 MiB each; given back at the end)"
	[ "$(awk '/HugePages_Free/ { print $2 }' /proc/meminfo)" -ge $need ] || die "the kernel has no $need free huge pages"
fi

title "1. The platform"
check "renga up" renga up --memory 512
renga status | show

title "2. Two hosts, joined to it by veth"
made_namespaces=yes
ip netns add client
ip netns add server
ip link add lan0 type veth peer name eth0 netns client
ip link add wan0 type veth peer name eth0 netns server
for ns in client server; do ip -n $ns link set lo up; ip -n $ns link set eth0 up; done
ip -n client addr add 10.0.0.10/24 dev eth0
ip -n client route add default via 10.0.0.1
ip -n server addr add 198.51.100.10/24 dev eth0
ip -n server route add default via 198.51.100.1
tell "client 10.0.0.10 -- lan0 [ fw | nat | rt ] wan0 -- 198.51.100.10 server"

title "3. One file describes the service (poc/edge-chain.yaml); apply makes it so"
check "renga apply" renga apply -f poc/edge-chain.yaml
renga get vnfs | show

title "4. Traffic of real hosts through it"
check "ping" client ping -c 3 -i 0.05 -W 2 198.51.100.10
web_root=$RENGA_RUNTIME_DIR/www
mkdir -p "$web_root" && echo "hello from the server" >"$web_root/index.html"
ip netns exec server python3 -u -m http.server 80 --directory "$web_root" >"$RENGA_RUNTIME_DIR/web.log" 2>&1 &
web=$!
for _ in $(seq 100); do server curl -s -o /dev/null http://127.0.0.1/ && break; sleep 0.05; done
page=$(client curl -s -m 5 http://198.51.100.10/)
check "HTTP: the client reads '$page'" [ "$page" = "hello from the server" ]
check "the server sees the NAT's address 203.0.113.2" grep -q '^203.0.113.2 ' "$RENGA_RUNTIME_DIR/web.log"
ip netns exec server iperf3 -s -1 >/dev/null 2>&1 &
iperf=$!
sleep 0.3
gbps=$(client iperf3 -c 198.51.100.10 -t 3 -J 2>/dev/null | jq -r '.end.sum_received.bits_per_second // 0 | . / 1e9 * 100 | round / 100')
check "iperf3: ${gbps:-0} Gbit/s of TCP through three processes" awk -v g="${gbps:-0}" 'BEGIN { exit !(g > 0.01) }'
hops=$(client traceroute -n -w 1 -q 1 -m 5 198.51.100.10 2>&1)
tell "traceroute:"
echo "$hops" | show
check "traceroute sees the NAT" grep -q ' 10.0.0.1 ' <<<"$hops"
check "traceroute sees the router" grep -q ' 203.0.113.1 ' <<<"$hops"
check "traceroute arrives" grep -q ' 198.51.100.10 ' <<<"$(tail -n +2 <<<"$hops")"

title "5. What has no rule does not pass"
ip netns exec server python3 -m http.server 8080 --directory "$web_root" >/dev/null 2>&1 &
other=$!
check "port 8080 is stopped: the server listens, the client waits in vain" \
	bash -c '! ip netns exec client curl -s -m 1 -o /dev/null http://198.51.100.10:8080/'
refused=$(client nc -z -v -w 1 198.51.100.10 23 2>&1)
check "port 23 is refused at once (reject)" grep -qi refused <<<"$refused"
kill "$other"
fw=$(renga get vnfs -o json | jq -r '.[] | select(.vnfInstanceName == "edge.fw") | .id')
stats() { curl -s -H "Authorization: Bearer $(cat "$RENGA_STATE_DIR/admin.token")" "$(cat "$RENGA_RUNTIME_DIR/orchestrator.addr")/renga/v1/stats/vnf/$fw"; }
rules=$(stats)
tell "the firewall's rules:"
jq -r '.rules[] | "\(.name)\t\(.packets) packets\t\(.bytes) bytes"' <<<"$rules" | column -t -s "$(printf '\t')" | show
check "its default rule counted what it stopped" jq -e '.rules[] | select(.name == "default") | .packets > 0' <<<"$rules"
check "its reject rule counted too" jq -e '.rules[] | select(.name == "no-telnet") | .packets > 0' <<<"$rules"

title "6. Every hop at a glance (renga top)"
renga top edge -n 1 | show
check "renga top" renga top edge -n 1
check "renga doctor finds every buffer" renga doctor

title "7. A VNF is killed; its successor takes over"
pid=$(renga get vnfs -o json | jq -r '.[] | select(.vnfInstanceName == "edge.nat") | .instantiatedVnfInfo.vnfcResourceInfo[0].metadata.pid')
client ping -i 0.02 -c 100 -W 2 198.51.100.10 >"$RENGA_RUNTIME_DIR/ping.log" 2>&1 &
ping=$!
sleep 0.5
tell "kill -9 $pid (edge.nat) under a running ping"
kill -9 "$pid"
wait $ping
tail -3 "$RENGA_RUNTIME_DIR/ping.log" | show
check "at most 5 of 100 pings were lost" \
	awk '/received/ { exit !($4 >= 95) }' "$RENGA_RUNTIME_DIR/ping.log"

title "8. The chain goes as it came"
check "renga delete" renga delete edge
exit 0
