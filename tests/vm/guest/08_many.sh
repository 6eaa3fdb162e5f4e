#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# 16 processes encode at once: each gets the stream it gets alone.
set -u
[ -e "$REFERENCE/slenc.h264" ] || {
	echo "skip - 16 processes: the host has no FFmpeg to make the clip with"
	exit 0
}
read -r size _ <"$REFERENCE/clip.format"
cp "$REFERENCE/clip.nv12" /tmp
began=$(host clock)
pids=()
for ((i = 0; i < 16; i++)); do
	slenc -q --device drm:/dev/dri/renderD128 --input-res "$size" --input-csp nv12 --fps 25 --qp 28 \
		-o "/tmp/many-$i.h264" /tmp/clip.nv12 >"/tmp/many-$i.log" 2>&1 &
	pids+=($!)
done
bad=0
for ((i = 0; i < 16; i++)); do
	if ! wait "${pids[i]}" || ! cmp -s "/tmp/many-$i.h264" "$REFERENCE/slenc.h264"; then
		bad=$((bad + 1))
		sed 's/^/#   /' "/tmp/many-$i.log"
	fi
done
took=$(($(host clock) - began))
if [ $bad -eq 0 ]; then
	echo "ok - 16 processes at once, each stream byte-identical to one made alone: $took ms"
else
	echo "not ok - 16 processes at once: $bad streams are missing or differ"
	exit 1
fi
