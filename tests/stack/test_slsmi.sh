#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# slsmi: text, JSON, options, and errors.
set -u
cd "$(dirname "$0")/../.."
slsmi=${BUILD:-build}/bin/slsmi
status=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT

check() {
	local name=$1
	shift
	if "$@"; then echo "ok - $name"; else
		cat "$out"
		echo "not ok - $name"
		status=1
	fi
}

shows_engines() {
	"$slsmi" --device sim: >"$out" 2>&1 && grep -q 'functional model' "$out" &&
		grep -qE '^ +[0-9]+ venc ' "$out" && grep -qE '^ +[0-9]+ dma ' "$out" && grep -q ' boot ' "$out"
}

json_is_json() {
	SL_DEVICE='sim:?dram=1G' "$slsmi" --json >"$out" 2>&1 && /usr/bin/python3 - "$out" <<'PY'
import json, sys
card = json.load(open(sys.argv[1]))
assert card["memory"]["dram_size"] == 1 << 30, card["memory"]
assert {e["kind"] for e in card["engines"]} == {"dma", "venc"}, card["engines"]
assert any(e["event"] == "boot" for e in card["log"]), card["log"]
assert card["firmware"]["uptime_ns"] > 0
PY
}

interval_repeats() {
	"$slsmi" -d sim: --interval 0.1 --count 3 >"$out" 2>&1 && [ "$(grep -c '^SL200 ' "$out")" = 3 ]
}

refuses() { # expected exit status, expected text, arguments
	local want=$1 text=$2
	shift 2
	"$slsmi" "$@" >"$out" 2>&1
	[ $? = "$want" ] && grep -q -- "$text" "$out"
}

check "slsmi shows engines, firmware and the log" shows_engines
check "slsmi --json is JSON and true" json_is_json
check "slsmi --interval" interval_repeats
# Render nodes of the driver.
cards=$(for node in /sys/class/drm/renderD*/device/driver; do readlink "$node"; done | grep -c '/sl200$')

lists_cards() {
	"$slsmi" --list >"$out" 2>&1
	[ $? = $((cards == 0)) ] && [ "$(grep -c '^drm:/dev/dri/renderD' "$out")" = "$cards" ] &&
		"$slsmi" --list --json 2>/dev/null | /usr/bin/python3 -c \
			"import json, sys; assert len(json.load(sys.stdin)) == $cards"
}

check "slsmi --list" lists_cards
if [ "$cards" = 0 ]; then
	check "slsmi without a card names SL_DEVICE=sim:" env -u SL_DEVICE bash -c \
		'! "$1" >"$2" 2>&1 && grep -q "SL_DEVICE=sim:" "$2"' - "$slsmi" "$out"
else
	echo "skip - slsmi without a card: there is one here"
fi
check "slsmi refuses a nonsense device" refuses 1 simm: --device simm:
check "slsmi refuses a wrong interval" refuses 2 interval --device sim: --interval x
check "slsmi refuses stray arguments" refuses 2 unexpected stray
exit $status
