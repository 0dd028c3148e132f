#!/usr/bin/env bash
# How fast the life of a service is operated: `lifecycle.sh [first-packet] [scale-out] [heal] [onboard] [catalogue]`, all unless told.
# ROUNDS: of each (20); INSTANCES, OCCURRENCES: that the catalogue holds (1,000 and 100,000). Prints a JSON object per measurement.
. "$(dirname "$0")/lib.sh"
need_root; need_huge_pages 384
rounds=${ROUNDS:-20}
parts=" ${*:-first-packet scale-out heal onboard catalogue} "
parts=${parts// --json / }
[ -n "${parts// /}" ] || parts=" first-packet scale-out heal onboard catalogue "
host client eth0 10.0.0.10/24 10.0.0.1 rgb-lan
host server eth0 198.51.100.10/24 198.51.100.1 rgb-wan
on client ip neigh add 10.0.0.1 lladdr 02:00:00:00:00:fe dev eth0
for i in {100..139}; do on client ip addr add "10.0.0.$i/24" dev eth0; done
up() { renga up --cores 0,1 --memory 512 --listen 127.0.0.1:0 >&2 || exit 1; }
measure() { # PART [ARG...]
	/usr/bin/python3 "$(dirname "$0")/lifecycle.py" --client "rg$$-client" --server "rg$$-server" --rounds "$rounds" "$@" || exit 1
}
up
for part in first-packet scale-out heal onboard; do
	[[ $parts == *" $part "* ]] && measure "$part"
done
if [[ $parts == *" catalogue "* ]]; then
	measure catalogue --records none
	renga down >&2
	/usr/bin/python3 "$(dirname "$0")/lifecycle.py" --instances "${INSTANCES:-1000}" --occurrences "${OCCURRENCES:-100000}" fill || exit 1
	up
	measure catalogue --records "${INSTANCES:-1000} instances, ${OCCURRENCES:-100000} occurrences"
fi
renga down >&2
