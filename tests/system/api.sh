#!/usr/bin/env bash
# The REST API as the contract has it (section 2, 3, 5), asked by curl as a foreign client asks.
# Beside others.
. "$(dirname "$0")/../lib/system.sh"
tests=102
plan $tests
need_root
need_huge_pages 256
host a eth0 10.9.0.1/24 "" "pa$$"
host b eth0 10.9.0.2/24 "" "pb$$"
MEMORY=256 platform_up >/dev/null || { fail "the platform comes up"; exit 1; }
server=$(cat "$RENGA_RUNTIME_DIR/orchestrator.addr")
token=$(cat "$RENGA_STATE_DIR/admin.token")

# ask METHOD PATH [CURL OPTION...]: status on stdout; $tmp/head and $tmp/body hold the answer.
ask() {
	local method=$1 path=$2
	shift 2
	curl -sS -g -m 20 -D "$tmp/head" -o "$tmp/body" -w '%{http_code}' -X "$method" -H "Authorization: Bearer $token" "$@" "$server$path"
}
header() { grep -i "^$1:" "$tmp/head" | head -1 | sed 's/^[^:]*: *//; s/\r$//'; }
body() { jq -rc "$1" "$tmp/body"; }
json() { ask "$1" "$2" -H 'Content-Type: application/json' -d "$3" "${@:4}"; }
# status NAME WANTED METHOD PATH [CURL OPTION...]: the status, and ProblemDetails with every error.
status() {
	local name=$1 wanted=$2 got
	got=$(ask "${@:3}")
	if [ "$got" != "$wanted" ]; then fail "$name" "wanted $wanted, got $got" "$(cat "$tmp/body")"; return; fi
	if [ "$got" -ge 400 ] && ! { [[ $(header content-type) == application/problem+json* ]] && [ "$(body '.status')" = "$got" ] && [ -n "$(body '.detail // ""')" ]; }; then
		fail "$name" "no ProblemDetails: $(header content-type)" "$(cat "$tmp/body")"
		return
	fi
	pass "$name"
}
ended() { ask GET "$1" >/dev/null && [[ $(body .operationState) =~ COMPLETED|FAILED|ROLLED_BACK ]]; }
operation() { # NAME: waits for the occurrence that the last answer named
	local at
	at=$(header location)
	until_true 20 ended "${at#"$server"}"
	same "$1" COMPLETED "$(body .operationState)"
}
NS=/nslcm/v1/ns_instances NSD=/nsd/v1/ns_descriptors

# ---- what every resource shares ----

for api in nsd vnfpkgm nslcm vnflcm nsfm vnffm; do
	same "$api tells its versions" "/$api/v1/ 1.3.0 405" \
		"$(curl -sS "$server/$api/api_versions" | jq -r '(.uriPrefix | sub("^https?://[^/]*"; "")) + " " + .apiVersions[0].version') $(ask POST "/$api/v1/api_versions")"
done
status "a version that is not served is 406" 406 GET $NS -H 'Version: 9.9.9'
status "one with a suffix is served" 200 GET $NS -H 'Version: 1.3.0-impl:example.com:x:1'
same "every answer tells its version" 1.3.0 "$(header version)"
status "a type that Accept rules out is 406" 406 GET $NS -H 'Accept: text/html'
same "no credential is 401 with the ways to give one" "401 2" \
	"$(curl -sS -D "$tmp/head" -o "$tmp/body" -w '%{http_code}' "$server$NS") $(grep -ci '^www-authenticate:' "$tmp/head")"
same "a malformed one is 400" 400 "$(curl -sS -o "$tmp/body" -w '%{http_code}' -H 'Authorization: Bear x' "$server$NS")"
same "Basic with the token as password works" 200 "$(curl -sS -o "$tmp/body" -w '%{http_code}' -u "admin:$token" "$server$NS")"
same "health needs none" "200 200" "$(curl -sS -o /dev/null -w '%{http_code}' "$server/healthz") $(curl -sS -o /dev/null -w '%{http_code}' "$server/readyz")"
status "an unknown path is 404" 404 GET /nslcm/v1/nothing
bad=
for path in $(ask GET /openapi.json >/dev/null; body '.paths | keys[]' | sed 's/{[^}]*}/x/g'); do
	[ "$(ask TRACE "$path")" = 405 ] && [ -n "$(header allow)" ] || bad="$bad $path"
done
same "every path of the API's own description is 405 with Allow for another method" "" "$bad"
status "a body that is no JSON is 400" 400 POST $NS -H 'Content-Type: application/json' -d '{'
status "a media type that is not taken is 415" 415 POST $NS -H 'Content-Type: text/html' -d '{}'
printf '[%.0s' {1..65} >"$tmp/deep"
printf ']%.0s' {1..65} >>"$tmp/deep"
status "a document deeper than 64 levels is 413" 413 POST $NS -H 'Content-Type: application/json' --data-binary "@$tmp/deep"
status "a body larger than 64 MiB is 413 before it is sent" 413 POST $NS -H 'Content-Type: application/json' -H 'Content-Length: 67108865' -H 'Expect: 100-continue' --data-binary @/dev/null
exec {slow}<>"/dev/tcp/127.0.0.1/${server##*:}"
printf 'POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n' $NS >&$slow
status "a client that drips stops nobody" 200 GET $NS
exec {slow}>&-

# ---- descriptors ----

cat >"$tmp/nsd.yaml" <<'Y'
nsd:
- id: wire-1.0
  name: wire
  designer: Example
  version: "1.0"
  vnfd-id: [renga-firewall, renga-passthrough]
  sapd:
  - {id: lan, virtual-link-desc: vl-lan}
  - {id: wan, virtual-link-desc: vl-wan}
  virtual-link-desc: [{id: vl-lan}, {id: vl-1}, {id: vl-wan}]
  df:
  - id: default
    virtual-link-profile:
    - {id: vlp-lan, virtual-link-desc-id: vl-lan}
    - {id: vlp-1, virtual-link-desc-id: vl-1}
    - {id: vlp-wan, virtual-link-desc-id: vl-wan}
    vnf-profile:
    - id: fw
      vnfd-id: renga-firewall
      renga:config: {default: accept}
      virtual-link-connectivity:
      - {virtual-link-profile-id: vlp-lan, constituent-cpd-id: [{constituent-base-element-id: fw, constituent-cpd-id: left}]}
      - {virtual-link-profile-id: vlp-1, constituent-cpd-id: [{constituent-base-element-id: fw, constituent-cpd-id: right}]}
    - id: p
      vnfd-id: renga-passthrough
      virtual-link-connectivity:
      - {virtual-link-profile-id: vlp-1, constituent-cpd-id: [{constituent-base-element-id: p, constituent-cpd-id: left}]}
      - {virtual-link-profile-id: vlp-wan, constituent-cpd-id: [{constituent-base-element-id: p, constituent-cpd-id: right}]}
Y
python3 - "$tmp" <<'P'
import io, sys, tarfile, zipfile
tmp = sys.argv[1]
text = open(tmp + "/nsd.yaml").read()
with zipfile.ZipFile(tmp + "/nsd.zip", "w") as z:
    z.writestr("TOSCA-Metadata/TOSCA.meta", "TOSCA-Meta-File-Version: 1.0\nCSAR-Version: 1.1\nCreated-By: x\nEntry-Definitions: Definitions/nsd.yaml\n")
    z.writestr("Definitions/nsd.yaml", text.replace("wire-1.0", "wire-zip"))
with tarfile.open(tmp + "/nsd.tar.gz", "w:gz") as t:
    data = text.replace("wire-1.0", "wire-tar").encode()
    info = tarfile.TarInfo("nsd.yaml"); info.size = len(data)
    t.addfile(info, io.BytesIO(data))
P
upload() { # NAME FILE TYPE
	json POST $NSD '{"userDefinedData": {"by": "test"}}' >/dev/null
	nsd=$(body .id)
	status "$1" 204 PUT "$NSD/$nsd/nsd_content" -H "Content-Type: $3" --data-binary "@$2"
}
status "a descriptor record is made empty" 201 POST $NSD -H 'Content-Type: application/json' -d '{}'
same "with its Location and every mandatory attribute" "$NSD/$(body .id) CREATED DISABLED NOT_IN_USE true" \
	"$(header location | sed "s,^$server,,") $(body '[.nsdOnboardingState, .nsdOperationalState, .nsdUsageState, (._links | has("self") and has("nsd_content"))] | join(" ")')"
empty=$(body .id)
status "its content is not there yet" 409 GET "$NSD/$empty/nsd_content"
status "what is no descriptor is refused" 422 PUT "$NSD/$empty/nsd_content" -H 'Content-Type: application/yaml' -d 'nsd: [{id: x}]'
status "it can be deleted" 204 DELETE "$NSD/$empty"
upload "an NSD is onboarded from a zip package" "$tmp/nsd.zip" application/zip
upload "and from a tar" "$tmp/nsd.tar.gz" application/gzip
upload "and from YAML" "$tmp/nsd.yaml" application/yaml
ask GET "$NSD/$nsd" >/dev/null
same "then it is enabled, and says what it is" "ONBOARDED ENABLED NOT_IN_USE wire-1.0 wire 1.0 Example test" \
	"$(body '[.nsdOnboardingState, .nsdOperationalState, .nsdUsageState, .nsdId, .nsdName, .nsdVersion, .nsdDesigner, .userDefinedData.by] | join(" ")')"
etag=$(header etag)
status "an unchanged resource is 304" 304 GET "$NSD/$nsd" -H "If-None-Match: $etag"
status "content is given back as it came" 200 GET "$NSD/$nsd/nsd_content"
check "to the byte" cmp "$tmp/body" "$tmp/nsd.yaml"
same "and offers ranges" bytes "$(header accept-ranges)"
same "a range is 206" "206 bytes 0-3/$(stat -c %s "$tmp/nsd.yaml") nsd:" "$(ask GET "$NSD/$nsd/nsd_content" -H 'Range: bytes=0-3') $(header content-range) $(cat "$tmp/body")"
status "one that lies outside is 416" 416 GET "$NSD/$nsd/nsd_content" -H 'Range: bytes=999999-'
status "a change on an old state is 412" 412 PATCH "$NSD/$nsd" -H 'Content-Type: application/merge-patch+json' -H 'If-Match: "old"' -d '{"nsdOperationalState": "DISABLED"}'
status "on the current one it is made" 200 PATCH "$NSD/$nsd" -H 'Content-Type: application/merge-patch+json' -H "If-Match: $etag" -d '{"nsdOperationalState": "DISABLED"}'
new=$(header etag)
ask GET "$NSD/$nsd" >/dev/null
same "and answers with the new ETag, once" "$(header etag) 1" "$new 1"
status "twice is a conflict" 409 PATCH "$NSD/$nsd" -H 'Content-Type: application/json' -d '{"nsdOperationalState": "DISABLED"}'
json PATCH "$NSD/$nsd" '{"nsdOperationalState": "ENABLED"}' >/dev/null
status "what is enabled cannot be deleted" 409 DELETE "$NSD/$nsd"

# ---- filters, selectors, pages ----

same "a filter of SOL013" wire-zip "$(ask GET "$NSD?filter=(eq,nsdName,wire);(cont,nsdId,zip)" >/dev/null; body '.[].nsdId')"
same "and one of the older dialect" wire-zip "$(ask GET "$NSD?nsdId.eq=wire-zip" >/dev/null; body '.[].nsdId')"
status "an unknown attribute is 400" 400 GET "$NSD?filter=(eq,colour,red)"
status "in both" 400 GET "$NSD?colour=red"
status "so is an operator that does not exist" 400 GET "$NSD?filter=(like,nsdId,x)"
same "attributes are left out by default, and given by all_fields" "false true" \
	"$(ask GET "$NSD" >/dev/null; body '.[0] | has("userDefinedData")') $(ask GET "$NSD?all_fields" >/dev/null; body '.[0] | has("userDefinedData")')"
same "fields leaves what is mandatory" "_links id nsdId nsdOnboardingState nsdOperationalState nsdUsageState" "$(ask GET "$NSD?fields=nsdId" >/dev/null; body '.[0] | keys | join(" ")')"
status "selectors that contradict each other are 400" 400 GET "$NSD?fields=nsdId&exclude_fields=nsdName"
status "a marker that is not ours is 400" 400 GET "$NSD?nextpage_opaque_marker=x"

# ---- a service by the ETSI way ----

status "an unknown descriptor is 422" 422 POST $NS -H 'Content-Type: application/json' -d '{"nsdId": "nope", "nsName": "svc", "nsDescription": ""}'
status "a service is created" 201 POST $NS -H 'Content-Type: application/json' -d '{"nsdId": "wire-1.0", "nsName": "svc", "nsDescription": "d"}'
ns=$(body .id)
same "with every mandatory attribute, and the one task that is legal" "svc d wire-1.0 $nsd NOT_INSTANTIATED instantiate,self" \
	"$(body '[.nsInstanceName, .nsInstanceDescription, .nsdId, .nsdInfoId, .nsState, (._links | keys | join(","))] | join(" ")')"
status "it cannot be terminated yet" 409 POST "$NS/$ns/terminate" -H 'Content-Type: application/json' -d '{}'
status "a SAP without a port is 422" 422 POST "$NS/$ns/instantiate" -H 'Content-Type: application/json' \
	-d "{\"nsFlavourId\": \"default\", \"additionalParamsForNs\": {\"ports\": {\"lan\": {\"driver\": \"af_packet\", \"interface\": \"pa$$\"}}}}"
matches "that names it" wan "$(body '[.detail, (.invalidParams // [] | .[].path)] | join(" ")')"
request() { # INTERFACE
	echo "{\"nsFlavourId\": \"default\", \"additionalParamsForNs\": {\"ports\": {\"lan\": {\"driver\": \"af_packet\", \"interface\": \"$1\"},
		\"wan\": {\"driver\": \"af_packet\", \"interface\": \"pb$$\"}}},
		\"additionalParamsForVnf\": [{\"vnfProfileId\": \"fw\", \"additionalParams\": {\"config\": {\"non-ip\": \"accept\"}}}]}"
}
status "an interface that the host has not is 422" 422 POST "$NS/$ns/instantiate" -H 'Content-Type: application/json' -d "$(request "px$$")"
matches "with the nearest name" "p[ab]$$" "$(body '[.hint, (.invalidParams // [] | .[].hint)] | join(" ")')"
large='{"kind": "Chain", "name": "large", "buffers": 1048576, "ports": {"x": {"driver": "null"}, "y": {"driver": "null"}}, "path": ["x", {"vnf": "v", "type": "passthrough"}, "y"]}'
status "what the host has no room for is refused by the grant" 403 POST /renga/v1/chains -H 'Content-Type: application/json' -d "$large"
matches "with what is missing, needed and free" "^not enough MiB of huge-page memory: 24[0-9][0-9] needed, 2[0-9][0-9] free$" "$(body '.invalidParams[0].reason')"
status "with ports it is accepted" 202 POST "$NS/$ns/instantiate" -H 'Content-Type: application/json' -d "$(request "pa$$")"
operation "and instantiated"
same "the occurrence has every mandatory attribute" "$ns INSTANTIATE false false nsInstance,self true" \
	"$(body '[.nsInstanceId, .lcmOperationType, .isAutomaticInvocation, .isCancelPending, (._links | keys | join(",")), (has("startTime") and has("statusEnteredTime") and (.stepTimings | length > 0 and all(has("step") and has("ms"))))] | join(" ")')"
check "packets pass" on a ping -c 2 -i 0.05 -W 5 10.9.0.2
ask GET "$NS/$ns" >/dev/null
same "the service now offers what can be done with it" "INSTANTIATED heal,scale,self,terminate,update lan,wan" "$(body '[.nsState, (._links | keys | join(",")), ([.sapInfo[].sapdId] | sort | join(","))] | join(" ")')"
same "its VNFs tell what runs where" '["svc.fw","STARTED",["core","group","host","pid","slot"]]' \
	"$(body '.vnfInstance[] | select(.vnfInstanceName == "svc.fw") | [.vnfInstanceName, .instantiatedVnfInfo.vnfState, (.instantiatedVnfInfo.vnfcResourceInfo[0].metadata | [keys[] | select(test("^(core|group|host|pid|slot)$"))])]')"
vnf=$(body '.vnfInstance[] | select(.vnfInstanceName == "svc.fw") | .id')

# ---- a VNF's configuration ----

VNF=/vnflcm/v1/vnf_instances/$vnf
ask GET "$VNF" >/dev/null
same "a VNF instance has every mandatory attribute" true \
	"$(body '[has("id", "vnfdId", "vnfProvider", "vnfProductName", "vnfSoftwareVersion", "vnfdVersion", "instantiationState", "_links")] | all')"
same "its configuration is the descriptor's with the request's on top" '{"default":"accept","non-ip":"accept"}' "$(body '.vnfConfigurableProperties.config | {default, "non-ip"}')"
status "a bad configuration is 422 [COM-5]" 422 PATCH "$VNF" -H 'Content-Type: application/merge-patch+json' \
	-d '{"vnfConfigurableProperties": {"config": {"defalt": "drop", "rules": [{"action": "acept"}]}}}'
same "with every fault and its path [COM-5]" "vnfConfigurableProperties.config.defalt vnfConfigurableProperties.config.rules[0].action" "$(body '[.invalidParams[].path] | sort | join(" ")')"

# ---- notifications ----

python3 tests/lib/subscriber.py "$tmp/told" >"$tmp/port" 2>/dev/null &
t_pids+=($!)
until_true 5 [ -s "$tmp/port" ]
there=http://127.0.0.1:$(cat "$tmp/port")
SUBSCRIPTIONS=/vnflcm/v1/subscriptions
oauth2="{\"authType\": [\"OAUTH2_CLIENT_CREDENTIALS\"], \"paramsBasic\": {}, \"paramsOauth2ClientCredentials\": {\"clientId\": \"me\", \"clientPassword\": \"secret\", \"tokenEndpoint\": \"$there/token\"}}"
basic='{"authType": ["BASIC"], "paramsBasic": {"userName": "u", "password": "p"}}'
status "a subscriber that does not answer is 422" 422 POST $SUBSCRIPTIONS -H 'Content-Type: application/json' -d '{"callbackUri": "http://127.0.0.1:9/"}'
status "one that does is taken" 201 POST $SUBSCRIPTIONS -H 'Content-Type: application/json' -d "{\"callbackUri\": \"$there/a\", \"authentication\": $oauth2}"
same "and its secret is never told" "0 $there/a" "$(grep -c secret "$tmp/body") $(body .callbackUri)"
status "the same again is pointed to" 303 POST $SUBSCRIPTIONS -H 'Content-Type: application/json' -d "{\"callbackUri\": \"$there/a\"}"
status "another, with a filter" 201 POST $SUBSCRIPTIONS -H 'Content-Type: application/json' \
	-d "{\"callbackUri\": \"$there/b\", \"filter\": {\"operationStates\": [\"COMPLETED\"]}, \"authentication\": $basic}"
status "a good one is accepted" 202 PATCH "$VNF" -H 'Content-Type: application/merge-patch+json' -d '{"vnfConfigurableProperties": {"config": {"default": "drop"}}}'
operation "and taken"
check_not "and followed" on a ping -c 1 -W 1 10.9.0.2
told() { [ "$(wc -l <"$tmp/told")" = 4 ]; }
check "subscribers are told" until_true 5 told
same "in order, with their credentials" "STARTING PROCESSING COMPLETED" "$(jq -r 'select(.authorization == "Bearer abc") | .operationState' "$tmp/told" | xargs)"
same "and only what they asked for" "COMPLETED RESULT $vnf" \
	"$(jq -r 'select(.authorization == "Basic dTpw") | [.operationState, .notificationStatus, .vnfInstanceId] | join(" ")' "$tmp/told")"

same "one token does for all of them" 1 "$(wc -l <"$tmp/told.tokens")"
touch "$tmp/told.revoked"
status "when the token is taken back" 202 PATCH "$VNF" -H 'Content-Type: application/merge-patch+json' -d '{"vnfConfigurableProperties": {"config": {"default": "accept"}}}'
operation "in the meantime"
told() { [ "$(wc -l <"$tmp/told")" = 8 ]; }
check "another is asked for, and nothing lost" until_true 5 told
same "once" "2 no" "$(wc -l <"$tmp/told.tokens") $([ -e "$tmp/told.revoked" ] && echo yes || echo no)"

# ---- figures ----

ask GET "/renga/v1/stats/vnf/$vnf" >/dev/null
same "figures of a VNF have the shape of the contract" '["left","right"] true' \
	"$(body '.cps | keys') $(body '(.cps.left | ([has("rxPackets", "rxBytes", "txPackets", "txBytes")] | all)) and has("drops") and has("sessions") and (.busy | . >= 0 and . <= 1) and (.ring | ([has("fill", "size")] | all)) and (.rules[0] | ([has("name", "packets", "bytes")] | all)) and (.drops | ([has("overflow", "patience", "malformed", "no-buffer")] | all))')"
ask GET "/renga/v1/stats/ns/$ns" >/dev/null
same "and those of a service" true "$(body '(.latencyUs | ([has("p50", "p90", "p99", "max")] | all)) and (.buffers | ([has("pool", "free", "inFlight")] | all)) and (.vnfs | length == 2)')"
ask GET /metrics >/dev/null
cp "$tmp/body" "$tmp/metrics"
check "metrics are the text format of Prometheus, with every name and label of the contract" python3 tests/lib/prometheus.py "$tmp/metrics"

# ---- alarms, events ----

metadata() { ask GET "$VNF" >/dev/null && body .instantiatedVnfInfo.vnfcResourceInfo[0].metadata; }
pid() { metadata | jq -r 'select(.state == "ready") | .pid // empty'; }
new_pid() { local now; now=$(pid) && [ -n "$now" ] && [ "$now" != "$last" ]; }
open_alarms() { ask GET "/vnffm/v1/alarms?managedObjectId=$vnf&perceivedSeverity.neq=CLEARED" >/dev/null && [ "$(body length)" = "$1" ]; }
curl -sSN -m 60 -H "Authorization: Bearer $token" -H 'Accept: text/event-stream' "$server/renga/v1/events" >"$tmp/stream" 2>/dev/null &
t_pids+=($!)
last=
for _ in 1 2 3 4 5; do
	until_true 10 new_pid || break
	last=$(pid)
	kill -9 "$last"
done
check "a VNF that dies again and again raises an alarm" until_true 20 open_alarms 1
alarm=$(body '.[0].id')
same "of its service too" "$ns $vnf CRITICAL UNACKNOWLEDGED" \
	"$(ask GET "/nsfm/v1/alarms/$alarm" >/dev/null; body '[.managedObjectId, .rootCauseFaultyComponent.faultyVnfInstanceId, .perceivedSeverity, .ackState] | join(" ")')"
etag=$(header etag)
status "it is acknowledged" 200 PATCH "/nsfm/v1/alarms/$alarm" -H 'Content-Type: application/merge-patch+json' -H "If-Match: $etag" -d '{"ackState": "ACKNOWLEDGED"}'
status "once" 409 PATCH "/nsfm/v1/alarms/$alarm" -H 'Content-Type: application/json' -d '{"ackState": "ACKNOWLEDGED"}'
told() { grep -q "^event: $1" "$tmp/stream"; }
check "whoever listens to the events has heard it" until_true 10 told vnf-failed
seen=$(grep '^id:' "$tmp/stream" | tail -1 | cut -d' ' -f2)
same "and takes up where the last one was" "" "$(curl -sSN -m 1 -H "Authorization: Bearer $token" -H 'Accept: text/event-stream' -H "Last-Event-ID: $((seen + 100))" "$server/renga/v1/events" 2>/dev/null | grep '^id:')"

# ---- the end ----

status "what is in use cannot be deleted" 409 DELETE "$NS/$ns"
status "a service is terminated" 202 POST "$NS/$ns/terminate" -H 'Content-Type: application/json' -d '{}'
operation "in the end"
check "its alarms end with it" open_alarms 0
status "its record is deleted" 204 DELETE "$NS/$ns"
status "and gone" 404 GET "$NS/$ns"
ask GET /renga/v1/doctor >/dev/null
same "nothing is left, and no buffer is missing" '[true,[],[],[]]' "$(body '[.ok, .findings, .buffers, .orphans]')"
