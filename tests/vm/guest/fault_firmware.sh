#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
# The firmware file is missing, cut short, or not what was signed: a clear message, and no harm.
. "$(dirname "$0")/../fault_lib.sh"
firmware=/lib/firmware/sl200/sl200.fw
good=$(mktemp)
cp "$firmware" "$good"

said() { # mark, pattern
	dmesg | sed "1,/fault-mark $1\$/d" | grep -E "sl200.*$2" | head -n 1
}

refused() { # mark, pattern: binding fails and the log says why
	dmesg_mark "$1"
	echo "$bdf" >"$driver/bind" 2>/dev/null && bound && return 1
	[ -n "$(said "$1" "$2")" ]
}

# All cards: the kernel gives an image that somebody has to others who ask.
cards=$(cd "$driver" && ls -d 0*)
for card in $cards; do
	echo "$card" >"$driver/unbind"
done
rm "$firmware"
check "missing firmware is told by its path" refused fw-missing 'sl200/sl200\.fw'
head -c 100 "$good" >"$firmware"
check "firmware cut off inside its header" refused fw-header '[Ff]irmware'
head -c -500 "$good" >"$firmware"
check "firmware cut short" refused fw-short '[Ff]irmware'
cp "$good" "$firmware"
printf '\377' | dd of="$firmware" bs=1 seek=4000 conv=notrunc 2>/dev/null
check "firmware with a flipped byte" refused fw-hash '[Ff]irmware'
head -c 100000 /dev/urandom >"$firmware"
check "no firmware at all" refused fw-random '[Ff]irmware'
cp "$good" "$firmware"
began=$(now_ms)
echo "$bdf" >"$driver/bind"
check "the right file again: the card works after $(($(now_ms) - began)) ms" wait_for 10 bound
check "a client works" "$recover" "after firmware faults" none 60 true
for card in $cards; do
	[ -e "$driver/$card" ] || echo "$card" >"$driver/bind"
done
finish
