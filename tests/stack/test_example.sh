#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The library's example program: what it writes is a valid stream.
set -u
cd "$(dirname "$0")/../.."
example=${BUILD:-build}/examples/encode_one
status=0
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

check() {
	local name=$1
	shift
	if "$@"; then echo "ok - $name"; else
		cat "$out"/log 2>/dev/null
		echo "not ok - $name"
		status=1
	fi
}

encodes() {
	SL_DEVICE=sim: "$example" "$out/a.264" >"$out/log" 2>&1
}

decodes() {
	ffmpeg -nostdin -v warning -err_detect explode -i "$out/a.264" -f null - >"$out/log" 2>&1 &&
		[ ! -s "$out/log" ] &&
		[ "$(ffprobe -v error -count_frames -of csv=p=0 -show_entries stream=nb_read_frames \
			"$out/a.264")" = 60 ]
}

names_the_device() {
	! env -u SL_DEVICE "$example" "$out/b.264" >"$out/log" 2>&1 && grep -q 'SL_DEVICE=sim:' "$out/log"
}

reports_a_full_disk() {
	! SL_DEVICE=sim: "$example" /dev/full >"$out/log" 2>&1 && grep -q 'No space left' "$out/log"
}

check "the example encodes" encodes
check "its stream decodes without a word, all 60 pictures" decodes
check "without a card it says what to do" names_the_device
check "it reports a full disk" reports_a_full_disk
exit $status
