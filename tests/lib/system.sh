# system.sh: what every system test needs: own run-time folders, namespaces, TAP, and a clean end.
#
#	. tests/lib/system.sh
#	plan 3
#	need_root; need_huge_pages
#	check "the chain answers" renga get chains
#	...
# Everything that a test makes is made through these functions and goes away with them, whatever happens. Names carry the
# test's pid, so tests can run beside each other.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
build=${BUILD:-build}
case $build in /*) bin=$build/bin ;; *) bin=$PWD/$build/bin ;; esac
PATH=$bin:$PATH
tmp=$(mktemp -d /tmp/rgt.XXXXXX)
export RENGA_RUNTIME_DIR=$tmp/run RENGA_STATE_DIR=$tmp/state RENGA_CONFIG=$tmp/renga.yaml
mkdir -p "$RENGA_RUNTIME_DIR" "$RENGA_STATE_DIR"
t_n=0 t_planned=1 t_failed=0 t_namespaces=() t_links=() t_pids=() t_mounts=()

plan() {
	t_planned=$1
	echo "1..$1"
}

pass() { t_n=$((t_n + 1)); echo "ok $t_n - $1"; }
fail() { # name, why...
	t_n=$((t_n + 1)) t_failed=$((t_failed + 1))
	echo "not ok $t_n - $1"
	shift
	[ $# -gt 0 ] && printf '%s\n' "$@" | sed 's/^/# /' | head -40
	return 0
}
skip_all() { # why
	for ((i = t_n + 1; i <= t_planned; i++)); do echo "ok $i # SKIP $1"; done
	exit 0
}

# check NAME COMMAND...: passes if the command succeeds; its output is shown if not.
check() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1); then pass "$name"; else fail "$name" "command: $*" "$output"; fi
}
# check_not NAME COMMAND...: passes if the command fails.
check_not() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1); then fail "$name" "command succeeded: $*" "$output"; else pass "$name"; fi
}
# same NAME WANTED GOT
same() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "wanted: $2" "got:    $3"; fi; }
# matches NAME REGEX TEXT
matches() { if [[ $3 =~ $2 ]]; then pass "$1"; else fail "$1" "wanted a match of: $2" "got: $3"; fi; }

# until_true SECONDS COMMAND...: tries every 20 ms.
until_true() {
	local end=$(($(date +%s%N) + $1 * 1000000000))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s%N)" -ge $end ] && return 1
		sleep 0.02
	done
}

need_root() { [ "$(id -u)" = 0 ] || skip_all "needs root"; }
need_huge_pages() { # free pages
	local free
	free=$(awk '/HugePages_Free/ { print $2 }' /proc/meminfo)
	[ "$free" -ge "${1:-512}" ] || skip_all "needs ${1:-512} free huge pages, there are $free"
}

# host NAME IF ADDRESS/LEN GATEWAY PORT-IF: a namespace with one interface, whose other end PORT-IF stays here.
host() {
	local ns=rg$$-$1
	ip netns add "$ns" && t_namespaces+=("$ns")
	ip link add "$5" type veth peer name "$2" netns "$ns" || return 1
	t_links+=("$5")
	sysctl -qw "net.ipv6.conf.$5.disable_ipv6=1" 2>/dev/null
	ip -n "$ns" link set lo up
	ip -n "$ns" addr add "$3" dev "$2"
	ip -n "$ns" link set "$2" up
	ip link set "$5" up
	[ -n "$4" ] && ip -n "$ns" route add default via "$4"
	return 0
}
# small_disk FOLDER SIZE: a file system of its own there, on which a disk may be full.
small_disk() { mount -t tmpfs -o "size=$2,mode=0755" rgt "$1" && t_mounts+=("$1"); }
# on NAME COMMAND...: runs it in that host.
on() {
	local ns=rg$$-$1
	shift
	ip netns exec "$ns" "$@"
}
# background COMMAND...: in the background, ended with the test. $! is its pid.
background() {
	[ "$1" = on ] && set -- ip netns exec "rg$$-$2" "${@:3}" # else $! would be the shell around it
	"$@" >"$tmp/background.$((${#t_pids[@]} + 1)).log" 2>&1 &
	t_pids+=($!)
}

# wire <<PYTHON: a script with the names of tests/lib/wire.py at the hosts; each of its checks is one of ours.
wire() {
	local line name= why=() script
	script=$(cat)
	while IFS= read -r line; do
		case $line in
		"ok "*) wire_fail; pass "${line#ok }" ;;
		"not ok "*) wire_fail; name=${line#not ok } why=() ;;
		*) why+=("${line#\# }") ;;
		esac
	done < <(PYTHONPATH=tests/lib T_HOSTS=rg$$ PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -c "from wire import *
$script" 2>&1 || echo "not ok the script ended well")
	wire_fail
}
wire_fail() { # reports the check of `wire` that failed, with what was said after it
	[ -n "$name" ] && fail "$name" "${why[@]}"
	[ -z "$name" ] && [ ${#why[@]} -gt 0 ] && printf '# %s\n' "${why[@]}"
	name= why=()
}

platform_up() { renga up --cores "${CORES:-0,1}" --memory "${MEMORY:-512}" --listen 127.0.0.1:0 "$@"; }
# This test and all that it starts keep off the CPUs that carry packets, $CORES, if there are others.
stay_beside() {
	local beside
	beside=$(seq 0 $(($(nproc --all) - 1)) | grep -vxF -f <(tr , '\n' <<<"${CORES:-0,1}") | paste -sd,)
	[ -z "$beside" ] || taskset -acp "$beside" $$ >/dev/null
}
platform_down() { renga down; }

api() { # METHOD PATH [JSON]: body on stdout
	curl -sS -m 20 -X "$1" -H "Authorization: Bearer $(cat "$RENGA_STATE_DIR/admin.token")" \
		${3:+-H 'Content-Type: application/json' -d "$3"} "$(cat "$RENGA_RUNTIME_DIR/orchestrator.addr")$2"
}
api_status() { # METHOD PATH [JSON]: status on stdout, body in $tmp/body
	curl -sS -m 20 -o "$tmp/body" -w '%{http_code}' -X "$1" -H "Authorization: Bearer $(cat "$RENGA_STATE_DIR/admin.token")" \
		${3:+-H 'Content-Type: application/json' -d "$3"} "$(cat "$RENGA_RUNTIME_DIR/orchestrator.addr")$2"
}

# Processes of this test's platform: those that carry its run-time folder in their environment.
platform_pids() {
	grep -lsz "RENGA_RUNTIME_DIR=$RENGA_RUNTIME_DIR" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3 |
		while read -r pid; do
			case $(readlink "/proc/$pid/exe" 2>/dev/null) in */renga | */renga-*) echo "$pid" ;; esac
		done
}

t_end() {
	local status=$?
	for pid in "${t_pids[@]}"; do kill "$pid" 2>/dev/null; done
	[ -n "$(platform_pids)" ] && { timeout 20 renga down >/dev/null 2>&1; }
	for pid in $(platform_pids); do kill -9 "$pid" 2>/dev/null; done
	# by name, too: one that was made within `check` is in the list of a shell that is gone
	for ns in "${t_namespaces[@]}" $(ip netns list 2>/dev/null | grep -o "^rg$$-[^ ]*"); do ip netns del "$ns" 2>/dev/null; done
	for link in "${t_links[@]}"; do ip link del "$link" 2>/dev/null; done
	if [ "$t_failed" -gt 0 ]; then
		for log in "$RENGA_RUNTIME_DIR"/log/*.log; do
			[ -s "$log" ] && { echo "# --- $log"; tail -25 "$log" | sed 's/^/# /'; }
		done
	fi
	mountpoint -q "$RENGA_RUNTIME_DIR/huge" && umount -l "$RENGA_RUNTIME_DIR/huge"
	for folder in "${t_mounts[@]}"; do umount -l "$folder" 2>/dev/null; done
	rm -rf "$tmp"
	[ "$status" = 0 ] && [ "$t_failed" -gt 0 ] && exit 1
	exit "$status"
}
trap t_end EXIT
trap 'exit 130' INT TERM
