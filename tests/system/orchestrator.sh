#!/usr/bin/env bash
# Services as foreign clients see them: the ETSI life of one from a zip, a configuration changed while it runs, a chain
# that converges without losing a ping, an orchestrator killed at any step, a chain that cannot be made.
# Beside others.
. "$(dirname "$0")/../lib/system.sh"
plan 64
need_root
need_huge_pages 384
host a eth0 10.9.0.1/24 "" "oa$$"
host b eth0 10.9.0.2/24 "" "ob$$"
host c eth0 10.9.0.3/24 "" "oc$$"
check "the platform comes up" platform_up

location() { # METHOD PATH [JSON]: the Location of the answer
	curl -sS -m 20 -o "$tmp/body" -D - -X "$1" -H "Authorization: Bearer $(cat "$RENGA_STATE_DIR/admin.token")" \
		${3:+-H 'Content-Type: application/json' -d "$3"} "$(cat "$RENGA_RUNTIME_DIR/orchestrator.addr")$2" |
		tr -d '\r' | sed -n 's/^[Ll]ocation: //p'
}
upload() { # PATH FILE TYPE: status
	curl -sS -m 20 -o "$tmp/body" -w '%{http_code}' -X PUT -H "Authorization: Bearer $(cat "$RENGA_STATE_DIR/admin.token")" \
		-H "Content-Type: $3" --data-binary "@$2" "$(cat "$RENGA_RUNTIME_DIR/orchestrator.addr")$1"
}
ended() { # OCCURRENCE: its final state
	until_true 20 bash -c "curl -s -H 'Authorization: Bearer $(cat "$RENGA_STATE_DIR/admin.token")' \
		$(cat "$RENGA_RUNTIME_DIR/orchestrator.addr")$1 | jq -e '.operationState | test(\"COMPLETED|FAILED|ROLLED_BACK\")'"
	api GET "$1" | jq -r .operationState
}
link() { # PROFILE CP: virtual-link-connectivity
	echo "{virtual-link-profile-id: p-$1, constituent-cpd-id: [{constituent-base-element-id: fw, constituent-cpd-id: $2}]}"
}

# ---- ETSI ----
mkdir "$tmp/csar"
cat >"$tmp/csar/pair.yaml" <<Y
nsd:
- id: pair-1.0
  invariant-id: pair
  name: pair
  designer: test
  version: "1.0"
  vnfd-id: [renga-firewall]
  sapd: [{id: lan, virtual-link-desc: lan}, {id: wan, virtual-link-desc: wan}]
  virtual-link-desc: [{id: lan}, {id: wan}]
  df:
  - id: default
    virtual-link-profile: [{id: p-lan, virtual-link-desc-id: lan}, {id: p-wan, virtual-link-desc-id: wan}]
    vnf-profile:
    - id: fw
      vnfd-id: renga-firewall
      renga:config: {default: drop}
      virtual-link-connectivity: [$(link lan left), $(link wan right)]
Y
python3 -c 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1], "w"); z.write(sys.argv[2], "pair.yaml")' "$tmp/pair.zip" "$tmp/csar/pair.yaml"
nsd=$(location POST /nsd/v1/ns_descriptors '{}')
matches "a descriptor record is made" '^/nsd/v1/ns_descriptors/' "$nsd"
same "the descriptor is taken from a zip" 204 "$(upload "$nsd/nsd_content" "$tmp/pair.zip" application/zip)"
same "and is enabled" ENABLED "$(api GET "$nsd" | jq -r .nsdOperationalState)"
ns=$(location POST /nslcm/v1/ns_instances '{"nsdId": "pair-1.0", "nsName": "one", "nsDescription": ""}')
same "a SAP without a port is named" 422 "$(api_status POST "$ns/instantiate" '{"nsFlavourId": "default"}')"
matches "by its name" "SAP 'lan'" "$(cat "$tmp/body")"
ports="{\"lan\": {\"driver\": \"af_packet\", \"interface\": \"oa$$\"}, \"wan\": {\"driver\": \"af_packet\", \"interface\": \"ob$$\"}}"
op=$(location POST "$ns/instantiate" "{\"nsFlavourId\": \"default\", \"additionalParamsForNs\": {\"ports\": $ports}, \"additionalParamsForVnf\":
	[{\"vnfProfileId\": \"fw\", \"additionalParams\": {\"config\": {\"rules\": [{\"action\": \"accept\", \"from\": \"left\"}]}}}]}")
same "the service is instantiated" COMPLETED "$(ended "$op")"
check "it carries packets from left" on a ping -c 2 -i 0.05 -W 2 10.9.0.2
check_not "and none from right" on b ping -c 1 -W 1 10.9.0.1
check "its timings are told" bash -c "[ $(api GET "$op" | jq '.stepTimings | length') -ge 6 ]"

vnf=$(api GET '/vnflcm/v1/vnf_instances' | jq -r '.[0].id')
pid=$(api GET "/vnflcm/v1/vnf_instances/$vnf" | jq .instantiatedVnfInfo.vnfcResourceInfo[0].metadata.pid)
op=$(location PATCH "/vnflcm/v1/vnf_instances/$vnf" '{"vnfConfigurableProperties": {"config": {"default": "accept"}}}')
same "a configuration is changed" COMPLETED "$(ended "$op")"
check "and works" on b ping -c 1 -W 1 10.9.0.1
same "in the same process" "$pid" "$(api GET "/vnflcm/v1/vnf_instances/$vnf" | jq .instantiatedVnfInfo.vnfcResourceInfo[0].metadata.pid)"
same "a bad one is refused whole" 422 "$(api_status PATCH "/vnflcm/v1/vnf_instances/$vnf" '{"vnfConfigurableProperties": {"config": {"default": "perhaps"}}}')"
check "and the running one goes on" on b ping -c 1 -W 1 10.9.0.1

# ---- a VNF that is healed, stopped and started ----
state() { renga get vnf one.fw -o json | jq -r .instantiatedVnfInfo.vnfState; }
matches "what a stop would do is told" 'links of' "$(renga vnf operate one.fw stop --dry-run)"
check "and not done" on a ping -c 1 -W 1 10.9.0.2
check "a VNF is healed" renga vnf heal one.fw --wait
check_not "by another process" [ "$pid" = "$(renga get vnf one.fw -o json | jq .instantiatedVnfInfo.vnfcResourceInfo[0].metadata.pid)" ]
check "which carries packets" on a ping -c 1 -W 1 10.9.0.2
check "it is stopped" renga vnf operate one.fw stop --wait --set gracefulStopTimeout=0
same "and says so" STOPPED "$(state)"
check_not "nothing passes" on a ping -c 1 -W 1 10.9.0.2
check "it is started" renga vnf operate one.fw start --wait
check "and carries packets again" on a ping -c 2 -i 0.05 -W 2 10.9.0.2
# ---- the service itself changes, while it carries packets ----
lossless() { # NAME COMMAND...
	on a ping -q -i 0.01 -c 100 -W 2 10.9.0.2 >"$tmp/pings" 2>&1 &
	local name=$1 pings=$!
	sleep 0.1
	check "$name" "${@:2}"
	wait "$pings"
	matches "and no ping is lost" ' 0% packet loss' "$(cat "$tmp/pings")"
}
update() { renga ns update one --wait --set updateType="$1" --set "$2"; }
lossless "a VNF comes between the firewall and a port" update INSTANTIATE_VNF \
	'instantiateVnfData=[{"vnfdId": "renga-passthrough", "vnfProfileId": "mid", "additionalParams": {"between": ["fw", "wan"]}}]'
mid=$(renga get vnf one.mid -o json | jq -r .id)
matches "it passes the packets" '^[1-9]' "$(api GET "/renga/v1/stats/vnf/$mid" | jq .cps.left.rxPackets)"
flavours() { renga vnf flavour one.fw dedicated --wait && told >"$tmp/told" && renga vnf flavour one.fw default --wait; }
told() { renga get vnfs -o json | jq -r '[.[].instantiatedVnfInfo | "\(.flavourId) \(.vnfcResourceInfo[0].metadata.core)"] | sort | join(", ")'; }
lossless "a VNF has a core for itself for a while" flavours
same "where the others are not" "dedicated 1, default 0" "$(cat "$tmp/told")"
lossless "and goes again" update REMOVE_VNF "removeVnfInstanceId=[\"$mid\"]"
sed 's/pair-1.0/pair-2.0/; s/{default: drop}/{default: drop, stateful: false}/' "$tmp/csar/pair.yaml" >"$tmp/pair-2.yaml"
upload "$(location POST /nsd/v1/ns_descriptors '{}')/nsd_content" "$tmp/pair-2.yaml" application/yaml >/dev/null
lossless "it goes on by another version of its descriptor" update ASSOC_NEW_NSD_VERSION 'assocNewNsdVersionData={"newNsdId": "pair-2.0", "sync": true}'
same "which changes what it says, and nothing else" '["accept",false]' \
	"$(renga get vnf one.fw -o json | jq -c '.vnfConfigurableProperties.config | [.default, .stateful]')"
same "the former version is used no more" NOT_IN_USE "$(api GET "$nsd" | jq -r .nsdUsageState)"
check "a connection point gets another port" renga vnf connect one.fw --wait --set "additionalParams.ports.left={\"driver\": \"af_packet\", \"interface\": \"oc$$\"}"
check "where packets come in now" on c ping -c 2 -i 0.05 -W 2 10.9.0.2
check_not "and no more where they did" on a ping -c 1 -W 1 10.9.0.2
check "all of it without leaving anything" renga doctor
same "an instantiated service is not deleted" 409 "$(api_status DELETE "$ns")"
later=$(location POST "$ns/terminate" '{"terminationTime": "2999-01-01T00:00:00Z"}')
same "one to be terminated later is told so, and may be cancelled" "STARTING true" "$(api GET "$later" | jq -r '"\(.operationState) \(._links | has("cancel"))"')"
same "which ends it" ROLLED_BACK "$(renga op cancel "${later##*/}" >/dev/null; ended "$later")"
op=$(location POST "$ns/terminate" "{\"terminationTime\": \"$(date -u -d '+1 sec' +%FT%T.%3NZ)\"}")
check "until its time has come all goes on" on c ping -c 1 -W 1 10.9.0.2
same "then it is terminated" COMPLETED "$(ended "$op")"
same "and deleted" 204 "$(api_status DELETE "$ns")"

# ---- a VNF by itself ----
check "a VNF is made" renga vnf create renga-firewall guard
ports="{\"left\": {\"driver\": \"af_packet\", \"interface\": \"oa$$\"}, \"right\": {\"driver\": \"af_packet\", \"interface\": \"ob$$\"}}"
check "and instantiated" renga vnf instantiate guard --wait --set "additionalParams.ports=$ports" --set 'additionalParams.config={"default": "accept"}'
check "it carries packets" on a ping -c 2 -i 0.05 -W 2 10.9.0.2
same "and is in no list of services" '[]' "$(api GET /nslcm/v1/ns_instances)"
check "it is terminated" renga vnf terminate guard --wait --set gracefulTerminationTimeout=1
check "and deleted" renga vnf delete guard

# ---- convergence ----
chain() { # ELEMENTS
	cat <<-Y
		kind: Chain
		name: two
		ports: {in: {driver: af_packet, interface: oa$$}, out: {driver: af_packet, interface: ob$$}}
		path: [in, $1, out]
	Y
}
chain '{vnf: x, type: passthrough}, {vnf: y, type: passthrough}' >"$tmp/two.yaml"
chain '{vnf: x, type: passthrough}, {vnf: f, type: firewall, config: {default: accept}}, {vnf: y, type: passthrough}' >"$tmp/three.yaml"
check "a chain is applied" renga apply -f "$tmp/two.yaml"
pids() { renga get vnfs -o json | jq -c '[.[] | select(.vnfInstanceName | test("x$|y$")).instantiatedVnfInfo.vnfcResourceInfo[0].metadata.pid] | sort'; }
before=$(pids)
check "a VNF is put into it" renga apply -f "$tmp/three.yaml"
same "the others keep running" "$before" "$(pids)"
check "it carries packets" on a ping -c 2 -i 0.05 -W 2 10.9.0.2
matches "the same again does nothing" 'unchanged|nothing' "$(renga apply -f "$tmp/three.yaml" 2>&1)"
check "the VNF is taken out" renga apply -f "$tmp/two.yaml"
check "it still carries packets" on a ping -c 2 -i 0.05 -W 2 10.9.0.2

# ---- an orchestrator that dies ----
restart() {
	local pid
	pid=$(cat "$RENGA_RUNTIME_DIR/orchestrator.pid")
	kill -9 "$pid"
	platform_up >/dev/null
}
bad=
for delay in 0.02 0.04 0.07 0.1 0.15; do
	renga delete two >/dev/null 2>&1
	(renga apply -f "$tmp/three.yaml" >/dev/null 2>&1 &)
	sleep "$delay"
	restart
	until_true 10 bash -c "[ \"\$(renga get ops -o json | jq '[.[] | select(.operationState | test(\"STARTING|PROCESSING|ROLLING_BACK|FAILED_TEMP\"))] | length')\" = 0 ]" || bad="$bad $delay(unfinished)"
	if [ -n "$(renga get chains -o name)" ]; then
		on a ping -c 1 -W 2 10.9.0.2 >/dev/null || bad="$bad $delay(no packets)"
	fi
	renga doctor >/dev/null 2>&1 || bad="$bad $delay($(renga doctor 2>&1 | tail -1))"
done
same "an apply whose orchestrator is killed at any moment is finished by the next one" "" "$bad"
check "the chain runs in the end" renga apply -f "$tmp/three.yaml"
check "with packets" on a ping -c 2 -i 0.05 -W 2 10.9.0.2
check "the platform is healthy" renga doctor
dies_under_up() { # it lives when `renga up` looks, and dies before it answers
	local pid up
	pid=$(cat "$RENGA_RUNTIME_DIR/orchestrator.pid")
	kill -STOP "$pid"
	platform_up >/dev/null & up=$!
	sleep 0.3
	kill -9 "$pid"
	wait $up && renga get chains
}
check "an orchestrator that dies under renga up is started by it" dies_under_up
check "the chain is deleted" renga delete two
same "nothing of it is left at the VNFM" 0 "$(curl -s --unix-socket "$RENGA_RUNTIME_DIR/vnfm.sock" http://vnfm/v1/services | jq length)"
