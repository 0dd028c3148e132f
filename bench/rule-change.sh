#!/usr/bin/env bash
# One rule more, or less, of 10,000: how long until it is in force. RULES and CHANGES make it longer.
build=${BUILD:-build}
exec "$build/bench/rule_change" "${RULES:-10000}" "${CHANGES:-100}"
