#!/usr/bin/env bash
# The foundation's promise: firewall -> NAT -> router as three processes, deployed by one file, carries the traffic of real hosts.
# Then the same chain with two paths through shared functions, which come, change and go while it carries traffic.
# Beside others.
. "$(dirname "$0")/../lib/system.sh"
plan 37
need_root
need_huge_pages 384
host client eth0 10.0.0.10/24 10.0.0.1 "rl$$"
host server eth0 198.51.100.10/24 198.51.100.1 "rw$$"
sed -e "s/interface: lan0/interface: rl$$/; s/interface: wan0/interface: rw$$/" poc/edge-chain.yaml >"$tmp/edge.yaml"

check "the platform comes up" platform_up
check "a second 'renga up' says so and changes nothing" platform_up
check "the chain is applied" renga apply -f "$tmp/edge.yaml"
check "ping passes" on client ping -c 3 -i 0.05 -W 2 198.51.100.10

mkdir "$tmp/www" && head -c 3000000 /dev/urandom >"$tmp/www/blob"
background on server /usr/bin/python3 -u -m http.server 80 --directory "$tmp/www"
web_log=$tmp/background.${#t_pids[@]}.log
until_true 5 on server curl -s -o /dev/null http://137.0.0.1/
check "HTTP passes" on client curl -s -m 10 -o "$tmp/blob" http://198.51.100.10/blob
check "three megabytes arrive unchanged" cmp "$tmp/blob" "$tmp/www/blob"
check "the server sees the NAT's address" grep -q '^203.0.113.2 ' "$web_log"

background on server iperf3 -s
until_true 5 on server bash -c 'exec 3<>/dev/tcp/137.0.0.1/5201'
check "TCP by iperf3, upload" on client iperf3 -c 198.51.100.10 -t 1
check "TCP by iperf3, download" on client iperf3 -c 198.51.100.10 -t 1 -R
on client iperf3 -c 198.51.100.10 -t 1 -J >"$tmp/iperf.json"
check "iperf3 moves data" jq -e '.end.sum_received.bytes > 1000000' "$tmp/iperf.json"

hops=$(on client traceroute -n -q 1 -w 1 -m 4 198.51.100.10 2>&1)
matches "traceroute sees the NAT, the router, the server" '10\.0\.0\.1 .*203\.0\.113\.1 .*198\.51\.100\.10 ' "$(tr '\n' ' ' <<<"${hops#*$'\n'}")"

check_not "a port without a rule is stopped" on client curl -s -m 1 http://198.51.100.10:81/
matches "a rejected port is refused at once" '[Rr]efused' "$(on client nc -z -v -w 2 198.51.100.10 23 2>&1)"
check_not "nobody reaches the client from outside" on server ping -c 1 -W 1 10.0.0.10

fw=$(renga get vnfs -o json | jq -r '.[] | select(.vnfInstanceName == "edge.fw").id')
api GET "/renga/v1/stats/vnf/$fw" >"$tmp/fw.json"
check "the default rule counted" jq -e '.rules[] | select(.name == "default") | .packets >= 1 and .bytes > 0' "$tmp/fw.json"
check "the web rule counted connections, not packets" jq -e '.rules[] | select(.name == "web") | .packets >= 1' "$tmp/fw.json"
check "drops are counted by reason" jq -e '[.drops[]] | add >= 1' "$tmp/fw.json"

api GET /renga/v1/chains/edge >"$tmp/chain.json"
ns=$(jq -r .nsInstanceId "$tmp/chain.json")
api GET "/renga/v1/stats/ns/$ns" >"$tmp/ns.json"
check "the service tells its latency" jq -e '.latencyUs.p50 >= 0 and .latencyUs.p99 >= .latencyUs.p50' "$tmp/ns.json"
check "every buffer is accounted for" bash -c "renga doctor && [ \$(curl -s -H 'Authorization: Bearer $(cat "$RENGA_STATE_DIR/admin.token")' $(cat "$RENGA_RUNTIME_DIR/orchestrator.addr")/renga/v1/doctor | jq '[.buffers[].missing] | add') = 0 ]"

# a VNF is killed: its successor has its sessions
background on client iperf3 -c 198.51.100.10 -t 3
transfer=$!
sleep 0.7
kill -9 "$(renga get vnfs -o json | jq -r '.[] | select(.vnfInstanceName == "edge.nat").instantiatedVnfInfo.vnfcResourceInfo[0].metadata.pid')"
wait $transfer
same "a TCP transfer survives the kill -9 of the NAT" 0 $?
check "still every buffer is accounted for" renga doctor

# two paths: web traffic also passes an inspector, and so does what comes back through the NAT
sed -e "s/interface: lan0/interface: rl$$/; s/interface: wan0/interface: rw$$/" poc/edge-paths.yaml >"$tmp/paths.yaml"
packets() { renga describe chain edge -o json | jq "[.paths[] | select(.name == \"$1\").packets] | add"; }
inspected() { api GET "/renga/v1/stats/ns/$ns" | jq ".vnfs[] | select(.vnfInstanceName == \"edge.ids\").cps.$1.rxPackets"; }
update() { renga ns update edge --wait --set updateType=UPDATE_VNFFG --set "updateVnffg=[{\"vnffgInfoId\": \"paths\", $1}]"; }
get_blob() { rm -f "$tmp/blob" && on client curl -s -m 10 -o "$tmp/blob" http://198.51.100.10/blob && cmp "$tmp/blob" "$tmp/www/blob"; }
background on client ping -i 0.01 -c 450 -W 2 198.51.100.10
ping=$! ping_log=$tmp/background.${#t_pids[@]}.log
check "a running chain gets two paths" renga apply -f "$tmp/paths.yaml"
check "HTTP passes on one of them" get_blob
check "the inspector sees both directions of it" [ "$(inspected left)" -gt 10 -a "$(inspected right)" -gt 10 ]
check "ping is on the other: counters tell" [ "$(packets web)" -gt 20 -a "$(packets rest)" -gt 20 ]
check "a path comes that shares the web's flows" update '"nfp": [{"nfpName": "web-2", "nfpRule": {"protocol": "TCP", "destinationPortRange": "80"}, "path": ["lan", "fw", "nat", "rt", "wan"]}]'
check "weights change" update '"nfp": [{"nfpInfoId": "web", "weight": 1}, {"nfpInfoId": "web-2", "weight": 1000}]'
check "a path is disabled" update '"nfp": [{"nfpInfoId": "web", "nfpState": "DISABLED"}]'
before=$(inspected left)
check "its traffic takes the other, not the inspector" eval 'get_blob && [ "$(inspected left)" = "$before" ] && [ "$(packets web-2)" -gt 20 ]'
check "the chain applied again is as its document says" eval 'renga apply -f "$tmp/paths.yaml" && get_blob && [ "$(inspected left)" -gt "$before" ]'
wait $ping
matches "of all this the ping lost nothing" ' 450 received' "$(tail -3 "$ping_log")"

# the managers are killed: traffic goes on, and they find everything again
pids_before=$(renga get vnfs -o json | jq -c '[.[].instantiatedVnfInfo.vnfcResourceInfo[0].metadata.pid] | sort')
background on client ping -i 0.01 -c 200 -W 2 198.51.100.10
ping=$! ping_log=$tmp/background.${#t_pids[@]}.log
kill -9 "$(cat "$RENGA_RUNTIME_DIR/orchestrator.pid")" "$(cat "$RENGA_RUNTIME_DIR/vnfm.pid")"
wait $ping
matches "no ping is lost while both managers are dead" ' 200 received' "$(tail -3 "$ping_log")"
check "they come back" platform_up
until_true 5 bash -c "[ \"\$(renga get vnfs -o json | jq -c '[.[].instantiatedVnfInfo.vnfcResourceInfo[0].metadata.pid] | sort')\" = '$pids_before' ]"
same "and adopt the same processes" "$pids_before" "$(renga get vnfs -o json | jq -c '[.[].instantiatedVnfInfo.vnfcResourceInfo[0].metadata.pid] | sort')"

check "the chain is deleted" renga delete edge
check "the platform goes down" platform_down
same "nothing is left behind" "" "$(platform_pids; grep " $RENGA_RUNTIME_DIR" /proc/mounts; find "$RENGA_RUNTIME_DIR" -type s)"
